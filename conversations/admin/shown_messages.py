"""Messages as a transcript shows them."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from access.staff.shown import moment_html
from access.staff.shown import usd_of_nano as usd
from conversations.admin import markdown
from conversations.admin.shown import tokens_html
from conversations.domain import Message

# Longer texts are folded, so that one of them does not hide the conversation.
_FOLDED_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message ready for the page; `facts` are names and values, empty for a question."""

    message: Message
    said: SafeString
    is_folded: bool
    is_plain: bool
    at: SafeString
    facts: list[tuple[str, str | SafeString]]


def shown_messages(rows: list[Message], *, is_plain: bool) -> list[ShownMessage]:
    """The messages of a page: questions as they were typed, answers as the Markdown that models write."""
    page = markdown.Page()
    shown = []
    for row in rows:
        is_answer = row.role == "assistant"
        rendered = page.html(row.content) if is_answer and not is_plain else None
        shown.append(
            ShownMessage(
                message=row,
                said=markdown.plain_html(row.content) if rendered is None else rendered,
                is_folded=len(row.content) > _FOLDED_CHARS,
                is_plain=is_answer and rendered is None,
                at=moment_html(row.created_at),
                facts=_facts(row),
            )
        )
    return shown


def _facts(row: Message) -> list[tuple[str, str | SafeString]]:
    if row.usage is None:
        return []
    return [
        ("Model", row.model_id),
        ("Region", row.region or "not known"),
        ("Tokens", tokens_html(row.usage)),
        ("Cost", usd(row.cost_nano_usd) if row.price_version else "no price known"),
        ("Latency", f"{row.latency_ms:,} ms"),
        ("Stop reason", row.stop_reason or "not known"),
    ]
