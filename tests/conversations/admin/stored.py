"""Sessions as the store keeps them, written without a turn: days ago, by the hundred, stuck or hostile."""

import datetime as dt
from typing import Any

from bedrock_client import Usage
from conversations.domain import LEASE_MARGIN_SECONDS, Message, SessionState
from conversations.store.message_items import item_of
from conversations.store.tables import ACTIVITY_SHARDS, SESSION_KEY, MessageRow, PendingTurnMap, SessionRow, shard_of
from dynamodb_client.encoding import stamp

MODEL = "us.amazon.nova-pro-v1:0"
NOW = dt.datetime.now(dt.UTC)
TODAY = NOW.date()
# A moment of today that is past, whatever the time of day is.
TODAY_EARLY = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
YESTERDAY = TODAY_EARLY - dt.timedelta(hours=12)


def a_session(session_id: str, *, at: dt.datetime = YESTERDAY, **attributes: Any) -> str:  # noqa: ANN401  # a model's own
    """Writes a session's head; returns its id."""
    _head(session_id, at, attributes).save()
    return session_id


def sessions(
    count: int,
    *,
    prefix: str = "s",
    at: dt.datetime = YESTERDAY,
    seconds_apart: int = 1,
    **attributes: Any,  # noqa: ANN401  # as above
) -> list[str]:
    """Writes many; returns their ids, latest activity first."""
    ids = [f"{prefix}{number:05}" for number in range(count)]
    with SessionRow.batch_write() as batch:
        for number, session_id in enumerate(ids):
            batch.save(_head(session_id, at - dt.timedelta(seconds=number * seconds_apart), attributes))
    return ids


def said(session_id: str, *contents: str, at: dt.datetime = YESTERDAY) -> None:
    """Writes messages, question and answer in turn, a second apart; the session knows the last one's time."""
    incarnation = SessionRow.get(session_id, SESSION_KEY).created_at
    with MessageRow.batch_write() as batch:
        for number, content in enumerate(contents):
            is_answer = number % 2 == 1
            moment = at + dt.timedelta(seconds=number)
            message = Message(
                message_id=f"{number:05}",
                turn_id=f"t{number // 2}",
                role="assistant" if is_answer else "user",
                content=content,
                timestamp=moment,
                created_at=moment,
                model_id=MODEL,
                region="us-east-1",
                usage=Usage(input_tokens=12, output_tokens=34) if is_answer else None,
                cost_nano_usd=118_400,
                price_version="2026-11",
                stop_reason="end_turn" if is_answer else "",
                latency_ms=1234,
            )
            item = item_of(message, session_id=session_id, incarnation=incarnation, expires_at=None)
            batch.save(MessageRow.from_raw_data(item))
    last = stamp(at + dt.timedelta(seconds=len(contents) - 1))
    SessionRow.table().update_item(session_id, SESSION_KEY, actions=[SessionRow.last_timestamp.set(last)])


def pending(
    *,
    message: str = "Are you there?",
    lease_until: dt.datetime,
    state: SessionState = "pending",
    **others: Any,  # noqa: ANN401  # a model's own attributes
) -> PendingTurnMap:
    """A session's pending turn."""
    return PendingTurnMap(  # type: ignore[no-untyped-call]  # PynamoDB leaves it untyped
        turn_id="t-pending",
        message=message,
        model_id=MODEL,
        started_at=stamp(lease_until - dt.timedelta(seconds=60 + LEASE_MARGIN_SECONDS)),
        lease_until=stamp(lease_until),
        state=state,
        **others,
    )


def a_stuck_session(session_id: str, *, at: dt.datetime = YESTERDAY, **attributes: Any) -> str:  # noqa: ANN401  # a model's own attributes
    """A session whose turn lost its process; returns its id."""
    turn = pending(lease_until=at + dt.timedelta(seconds=60 + LEASE_MARGIN_SECONDS))
    return a_session(session_id, at=at, state="pending", pending=turn, **attributes)


def _head(session_id: str, at: dt.datetime, attributes: dict[str, Any]) -> SessionRow:
    values = {
        "owner": "alice",
        "title": f"Title of {session_id}",
        "created_at": stamp(at - dt.timedelta(hours=1)),
        "updated_at": stamp(at),
        "activity_day": f"{at.date().isoformat()}#{shard_of(session_id, ACTIVITY_SHARDS)}",
        "state": "idle",
        "version": 1,
        "message_count": 2,
        "models": {MODEL},
        "input_tokens": 1000,
        "output_tokens": 200,
        "cost_nano_usd": 1_440_000,
    }
    return SessionRow(session_id, SESSION_KEY, **{**values, **attributes})
