"""The head of a session that is being erased: marked first, and deleted last.

Marked, it is unreadable and takes no turn, and holds nothing that was said. It keeps its place in the owner's index, so
that erasing everything of the owner comes upon it should its own erasing break off; lists pass over it by its state. In
the staff's index it has left its day for `erasing#<shard>`, where those that broke off are looked for.
"""

import datetime as dt

from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from conversations.store import head_update, interrupted
from conversations.store.head_update import WRITE_SECONDS
from conversations.store.tables import ACTIVITY_SHARDS, ERASING, SESSION_KEY, SessionRow, shard_of
from core.deadline import Deadline
from dynamodb_client.encoding import is_expired, stamp, text
from dynamodb_client.faults import CONDITION_FAILED, error_code
from dynamodb_client.retrying import through_conflicts


def mark(session_id: str, *, owner: str, now: dt.datetime) -> str | None:
    """Makes the owner's session unreadable and stops its turns; the first step of erasing, safe to repeat.

    Returns the incarnation (CreatedAt as stored) whose messages are to be deleted, None when there is no such session.
    Raises InterruptedFound, StoreUnavailable.
    """
    try:
        return _mark(session_id, SessionRow.owner == owner, now=now)
    except head_update.Refused as refused:
        if text(refused.item, "Owner") == owner:
            interrupted.raise_if_held(refused.item, now)
        return None


def mark_leftover(session_id: str, *, now: dt.datetime) -> str | None:
    """The same for a session that is over for everybody: it expired, or its erasing broke off."""
    is_over = SessionRow.erasing_since.exists() | (SessionRow.expires_at <= int(now.timestamp()))
    try:
        return _mark(session_id, is_over, now=now)
    except head_update.Refused as refused:
        if is_expired(refused.item, now):
            interrupted.raise_if_held(refused.item, now)
        return None


def remove(session_id: str, incarnation: str) -> None:
    """Deletes the head item of an erased session; nothing when another incarnation has taken its place."""
    condition = SessionRow.erasing_since.exists() & (SessionRow.created_at == incarnation)
    table = SessionRow.table()
    try:
        through_conflicts(
            lambda: table.delete_item(session_id, SESSION_KEY, condition=condition),
            deadline=Deadline.after(WRITE_SECONDS),
        )
    except PynamoDBException as error:
        if error_code(error) != CONDITION_FAILED:
            raise


def _mark(session_id: str, condition: Condition, *, now: dt.datetime) -> str:
    actions: list[Action] = [
        SessionRow.erasing_since.set(SessionRow.erasing_since | stamp(now)),
        SessionRow.state.set(ERASING),
        SessionRow.activity_day.set(f"{ERASING}#{shard_of(session_id, ACTIVITY_SHARDS)}"),
        SessionRow.pending.remove(),
        SessionRow.title.remove(),
        SessionRow.system.remove(),
    ]
    condition &= interrupted.holds_none(now)
    item = head_update.update(session_id, actions, condition, deadline=Deadline.after(WRITE_SECONDS))
    return text(item, "CreatedAt")
