"""A whole session as a file, piece by piece: only a page of messages is in memory at a time."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Literal

from bedrock_client import Usage
from conversations.domain import Message, PendingTurn
from conversations.services.clock import now
from conversations.services.staff.read_transcript import pending_turn
from conversations.store import messages
from conversations.store.staff.heads import Head
from dynamodb_client.encoding import stamp

ExportFormat = Literal["json", "markdown"]
_PAGE = 100
_NANO = Decimal(10) ** 9


def export_session(head: Head, *, export_format: ExportFormat) -> Iterator[str]:
    """The file's text. A JSON file that broke off is not valid JSON; Markdown ends with a line that says it is whole.

    Raises StoreUnavailable, at the first piece already when DynamoDB is away.
    """
    write: dict[ExportFormat, Callable[[Head, Iterator[Message]], Iterator[str]]] = {
        "json": _json,
        "markdown": _markdown,
    }
    return write[export_format](head, _messages(head.session.session_id))


def _messages(session_id: str) -> Iterator[Message]:
    cursor: str | None = None
    while True:  # ends with the history
        page = messages.page(session_id, limit=_PAGE, cursor=cursor, newest_first=False, now=now())
        yield from page.rows
        cursor = page.next_cursor
        if cursor is None:
            return


def _json(head: Head, rows: Iterator[Message]) -> Iterator[str]:
    opening = json.dumps({"exported_at": stamp(now()), "session": _session(head)}, ensure_ascii=False, indent=1)
    first = next(rows, None)
    yield opening.removesuffix("\n}") + ',\n "messages": ['
    separator = "\n"
    for message in _from_first(first, rows):
        yield separator + _line(_message(message))
        separator = ",\n"
    yield "\n ],\n" + f' "pending": {_line(_pending(pending_turn(head)))}\n}}\n'


def _markdown(head: Head, rows: Iterator[Message]) -> Iterator[str]:
    session, record = head.session, head.record
    first = next(rows, None)
    yield (
        f"# Session {session.session_id}\n\n"
        f"- Title: {session.title}\n- Owner: {session.owner}\n"
        f"- Created: {stamp(session.created_at)}\n- Latest activity: {stamp(session.updated_at)}\n"
        f"- Messages: {session.message_count}\n- Models: {', '.join(record.models)}\n"
        f"- Cost: {_usd(record.cost_nano_usd)} USD\n- Exported: {stamp(now())}\n"
    )
    for message in _from_first(first, rows):
        yield _section(message)
    if pending := pending_turn(head):
        yield f"\n## Not answered ({pending.state}), {stamp(pending.started_at)}\n\n{pending.message}\n"
        if pending.partial:
            yield f"\n### What was said of an answer\n\n{pending.partial}\n"
    yield "\n---\n\nEnd of the export.\n"


def _section(message: Message) -> str:
    who = f"assistant, {message.model_id}" if message.role == "assistant" else "user"
    return f"\n## {who}, {stamp(message.created_at)}\n\n{message.content}\n"


def _session(head: Head) -> dict[str, Any]:
    session, record = head.session, head.record
    return {
        "session_id": session.session_id,
        "owner": session.owner,
        "title": session.title,
        "system": session.system,
        "created_at": stamp(session.created_at),
        "updated_at": stamp(session.updated_at),
        "message_count": session.message_count,
        "models": list(record.models),
        "usage": _usage(record.usage, record.cost_nano_usd),
    }


def _message(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {
        "message_id": message.message_id,
        "turn_id": message.turn_id,
        "role": message.role,
        "content": message.content,
        "created_at": stamp(message.created_at),
        "model_id": message.model_id,
    }
    if message.usage is None:
        return body
    return body | {
        "region": message.region,
        "usage": _usage(message.usage, message.cost_nano_usd),
        "stop_reason": message.stop_reason,
        "latency_ms": message.latency_ms,
    }


def _pending(pending: PendingTurn | None) -> dict[str, Any] | None:
    if pending is None:
        return None
    return {
        "turn_id": pending.turn_id,
        "message": pending.message,
        "partial": pending.partial,
        "model_id": pending.model_id,
        "started_at": stamp(pending.started_at),
        "state": pending.state,
        "error_code": pending.error_code,
    }


def _usage(usage: Usage, cost_nano_usd: int) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "cost_usd": _usd(cost_nano_usd),
    }


def _usd(nano: int) -> str:
    return f"{Decimal(nano) / _NANO:.9f}"


def _line(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return json.dumps(value, ensure_ascii=False)


def _from_first(first: Message | None, rest: Iterator[Message]) -> Iterator[Message]:
    """All messages, the first of which was read before the file was begun: a table that is away is told in time."""
    if first is not None:
        yield first
        yield from rest
