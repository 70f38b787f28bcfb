"""What moves a session to the top of its lists, and puts off its end."""

import datetime as dt

from pynamodb.expressions.update import Action

from conversations.domain import SessionState
from conversations.store.retention import expiry
from conversations.store.tables import ACTIVITY_SHARDS, SessionRow, shard_of
from dynamodb_client.encoding import stamp


def activity(session_id: str, *, state: SessionState, now: dt.datetime) -> list[Action]:
    """The part of an update that makes `now` the session's latest activity."""
    expires_at = expiry(now)
    day = f"{now.date().isoformat()}#{shard_of(session_id, ACTIVITY_SHARDS)}"
    return [
        SessionRow.state.set(state),
        SessionRow.updated_at.set(stamp(now)),
        SessionRow.activity_day.set(day),
        SessionRow.expires_at.set(expires_at) if expires_at else SessionRow.expires_at.remove(),
    ]
