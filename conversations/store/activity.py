"""What moves a session to the top of its lists, and puts off its end."""

import datetime as dt

from pynamodb.expressions.update import Action

from conversations.domain import SessionState
from conversations.store.tables import ACTIVITY_SHARDS, SessionRow, shard_of
from dynamodb_client.encoding import Item, of_number, of_text, stamp
from dynamodb_client.prepared import parameter


def activity(*, state: SessionState, expires: bool) -> list[Action]:
    """The part of a prepared update that makes `:now` the session's latest activity."""
    return [
        SessionRow.state.set(state),
        SessionRow.updated_at.set(parameter(":now")),
        SessionRow.activity_day.set(parameter(":activity_day")),
        SessionRow.expires_at.set(parameter(":expires_at", "N")) if expires else SessionRow.expires_at.remove(),
    ]


def activity_values(session_id: str, *, now: dt.datetime, expires_at: int | None) -> Item:
    """Its parameters; `expires_at` in epoch seconds."""
    values: Item = {
        ":now": of_text(stamp(now)),
        ":activity_day": of_text(f"{now.date().isoformat()}#{shard_of(session_id, ACTIVITY_SHARDS)}"),
    }
    if expires_at:
        values[":expires_at"] = of_number(expires_at)
    return values
