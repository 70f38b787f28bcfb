"""What the service must answer, from what the tables hold."""

import datetime as dt
from decimal import Decimal
from typing import Any

from dynamodb_client.encoding import number, text

from .expected import Session, Turn
from .stored import Partition

Body = dict[str, Any]
MODEL = "us.amazon.nova-pro-v1:0"


def history_body(stored: Partition, session: Session, now: dt.datetime) -> Body:
    """What `GET /history` must answer."""
    head = stored.head
    assert head is not None
    return {
        "session_id": text(head, "SessionId"),
        "title": session.title,
        "created_at": text(head, "CreatedAt"),
        "updated_at": text(head, "UpdatedAt"),
        "messages": [_message(item) for item in stored.messages],
        "pending": _pending(head, session.pending, now) if session.pending else None,
        "next_cursor": None,
    }


def session_body(stored: Partition, session: Session, now: dt.datetime) -> Body:
    """What the list of sessions, and a change of the title, must show of a session."""
    head = stored.head
    assert head is not None
    return {
        "session_id": text(head, "SessionId"),
        "title": session.title,
        "created_at": text(head, "CreatedAt"),
        "updated_at": text(head, "UpdatedAt"),
        "message_count": 2 * len(session.exchanges),
        "state": session.pending.seen_at(now)[0] if session.pending else "idle",
    }


def _pending(head: Body, turn: Turn, now: dt.datetime) -> Body:
    state, error_code = turn.seen_at(now)
    return {
        "message": turn.request.message,
        "model_id": MODEL,
        "created_at": text(head["PendingTurn"]["M"], "StartedAt"),
        "state": state,
        "error_code": error_code,
        "partial_response": turn.partial,
    }


def _message(item: Body) -> Body:
    is_answer = text(item, "Role") == "assistant"
    body = {
        "message_id": text(item, "MessageId"),
        "role": text(item, "Role"),
        "content": text(item, "Content"),
        "created_at": text(item, "CreatedAt"),
    }
    if not is_answer:
        return body | dict.fromkeys(("model_id", "region", "stop_reason", "usage", "latency_ms"))
    return body | {
        "model_id": MODEL,
        "region": "us-east-1",
        "stop_reason": text(item, "StopReason"),
        "usage": {
            "input_tokens": number(item, "InputTokens"),
            "output_tokens": number(item, "OutputTokens"),
            "cache_read_tokens": number(item, "CacheReadTokens"),
            "cache_write_tokens": number(item, "CacheWriteTokens"),
            "cost_usd": f"{number(item, 'CostNanoUsd') * Decimal('0.000000001'):.9f}",
        },
        "latency_ms": number(item, "LatencyMs"),
    }
