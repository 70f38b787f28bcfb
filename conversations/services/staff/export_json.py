"""A session as JSON. All of it is one object, so a file that broke off anywhere is no valid JSON."""

import json
from collections.abc import Iterator
from typing import Any

from bedrock_client import Usage
from conversations.domain import Message, PendingTurn
from conversations.services.staff.exported import Exported, usd
from conversations.store.staff.heads import Head
from dynamodb_client.encoding import stamp


def json_pieces(exported: Exported) -> Iterator[str]:
    """The file's text, a message at a time."""
    opening = json.dumps(
        {"exported_at": stamp(exported.at), "session": _session(exported.head)}, ensure_ascii=False, indent=1
    )
    yield opening.removesuffix("\n}") + ',\n "messages": ['
    separator = "\n"
    for message in exported.messages:
        yield separator + _line(_message(message))
        separator = ",\n"
    yield "\n ],\n" + f' "pending": {_line(_pending(exported.pending))}\n}}\n'


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
        "cost_usd": usd(cost_nano_usd),
    }


def _line(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return json.dumps(value, ensure_ascii=False)
