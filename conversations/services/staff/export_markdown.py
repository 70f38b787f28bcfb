"""A session as Markdown, in which nothing that was said can pass for a part of the file's own frame.

Whatever people or models wrote is indented by four spaces, each of its lines, which Markdown shows as it is; the frame
never is. So only the frame can write the last line, which says that the file is whole, and four spaces less are exactly
what was said.
"""

import re
from collections.abc import Iterator

from bedrock_client import Usage
from conversations.domain import Message, PendingTurn
from conversations.services.staff.exported import Exported, usd
from dynamodb_client.encoding import stamp

_INDENT = "    "
# Whatever begins a new line in any program that shows text: https://www.unicode.org/reports/tr14/#BK
_LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_EXPLAINED = (
    "What people and models wrote is indented by four spaces; no other line is. The last line says how many messages "
    "there are: a file without it broke off."
)


def markdown_pieces(exported: Exported) -> Iterator[str]:
    """The file's text, a message at a time."""
    yield _opening(exported)
    count = 0
    for message in exported.messages:
        count += 1
        yield f"\n## {message.role}\n\n{_facts(message)}\n\n{_quoted(message.content)}"
    if exported.pending:
        yield _not_answered(exported.pending)
    yield f"\nEnd of the export: {count} messages.\n"


def _opening(exported: Exported) -> str:
    session, record = exported.head.session, exported.head.record
    facts = [
        f"- Created: {stamp(session.created_at)}",
        f"- Latest activity: {stamp(session.updated_at)}",
        f"- Messages: {session.message_count}",
        f"- Models: {', '.join(record.models)}",
        f"- Tokens: {_tokens(record.usage)}",
        f"- Cost: {usd(record.cost_nano_usd)} USD",
        f"- Exported: {stamp(exported.at)}",
    ]
    texts = {"Owner": session.owner, "Title": session.title, "System prompt": session.system}
    listed = "\n".join(facts)
    written = "".join(f"\n## {name}\n\n{_quoted(text)}" for name, text in texts.items() if text)
    return f"# Session {session.session_id}\n\n{listed}\n\n{_EXPLAINED}\n{written}"


def _facts(message: Message) -> str:
    """When it was said, and for an answer what it took. A paragraph: text behind a list would be the list's."""
    if message.usage is None:
        return f"Time: {stamp(message.created_at)}"
    cost = f"{usd(message.cost_nano_usd)} USD" if message.price_version else "no price known"
    facts = {
        "Time": stamp(message.created_at),
        "Model": message.model_id,
        "Region": message.region or "not known",
        "Tokens": _tokens(message.usage),
        "Cost": cost,
        "Latency": f"{message.latency_ms} ms",
        "Stop reason": message.stop_reason or "not known",
    }
    return "; ".join(f"{name}: {value}" for name, value in facts.items())


def _not_answered(pending: PendingTurn) -> str:
    error = f"; Error: {pending.error_code}" if pending.error_code else ""
    facts = f"Began: {stamp(pending.started_at)}; Model: {pending.model_id}; State: {pending.state}{error}"
    written = f"\n## user, not answered\n\n{facts}\n\n{_quoted(pending.message)}"
    return written + (f"\n## What was said of an answer\n\n{_quoted(pending.partial)}" if pending.partial else "")


def _tokens(usage: Usage) -> str:
    return (
        f"{usage.input_tokens} in, {usage.output_tokens} out, {usage.cache_read_tokens} read from cache, "
        f"{usage.cache_write_tokens} written to cache"
    )


def _quoted(text: str) -> str:
    """The text with each of its lines indented, and a line's end behind it."""
    return _INDENT + _LINE_END.sub(lambda end: end[0] + _INDENT, text) + "\n"
