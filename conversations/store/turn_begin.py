"""How a turn begins: one conditional update that takes the session's lease and keeps the message."""

from typing import Any, Never

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from conversations.domain import PendingTurn, Turn
from conversations.errors import IdempotencyKeyReused, SessionNotFound, TurnInProgress
from conversations.store import head_update, interrupted
from conversations.store.activity import activity
from conversations.store.sessions import is_readable_by, pending_from_item, session_from_item
from conversations.store.tables import PendingTurnMap, SessionRow
from core.deadline import Deadline
from dynamodb_client.encoding import is_expired, stamp, text

TURN_RETRY_SECONDS = 1
OUTAGE_SECONDS = 3


class LeftoverFound(Exception):
    """The partition holds a session that is over: expired, or not erased to its end. Erase it, then begin again."""


class JustAnswered(Exception):
    """The session's newest turn with a key had this one: its receipt is there, unless that was more than a day ago."""


def begin(
    session_id: str,
    *,
    owner: str,
    title: str,
    pending: PendingTurn,
    deadline: Deadline,
    unless_answered: bool = True,
) -> Turn:
    """Creates the session or takes its lease, and stores the message as its pending turn.

    Raises SessionNotFound (somebody else's), TurnInProgress, IdempotencyKeyReused, LeftoverFound, InterruptedFound,
    StoreUnavailable; and JustAnswered, if `unless_answered`.
    """
    key = pending.key if unless_answered else ""
    try:
        item = head_update.update(
            session_id,
            _actions(session_id, owner=owner, title=title, pending=pending),
            _condition(owner, pending, key),
            deadline=deadline,
            # Short, because a caller waits for nothing yet; but a lease that was taken without an answer is worth it.
            outages_until=deadline.at_most(OUTAGE_SECONDS),
        )
    except head_update.Refused as refused:
        item = refused.item
        # A first try whose answer was lost on the way: the lease is ours already.
        if text(item.get("PendingTurn", {}).get("M", {}), "TurnId") != pending.turn_id:
            _refuse(item, owner, pending, key)
    return Turn(session=session_from_item(item), pending=pending)


def _actions(session_id: str, *, owner: str, title: str, pending: PendingTurn) -> list[Action]:
    now = pending.started_at
    return [
        SessionRow.owner.set(owner),
        SessionRow.title.set(SessionRow.title | title),
        SessionRow.created_at.set(SessionRow.created_at | stamp(now)),
        SessionRow.pending.set(_pending_map(pending)),
        *activity(session_id, state="pending", now=now),
    ]


def _pending_map(pending: PendingTurn) -> PendingTurnMap:
    return PendingTurnMap(
        turn_id=pending.turn_id,
        message=pending.message,
        model_id=pending.model_id,
        started_at=stamp(pending.started_at),
        lease_until=stamp(pending.lease_until),
        state=pending.state,
        system=pending.system,
        key=pending.key or None,
        fingerprint=pending.fingerprint or None,
    )


def _condition(owner: str, pending: PendingTurn, key: str) -> Condition:
    now = pending.started_at
    held: Any = SessionRow.pending  # a path into the item, which PynamoDB types as the map's value
    may_continue = is_readable_by(owner, now) & (held.does_not_exist() | (held.state == "failed"))
    if pending.key:
        may_continue &= (
            held.key.does_not_exist() | (held.key != pending.key) | (held.fingerprint == pending.fingerprint)
        )
    if key:
        may_continue &= SessionRow.last_key.does_not_exist() | (SessionRow.last_key != key)
    condition: Condition = SessionRow.session_id.does_not_exist() | may_continue
    return condition


def _refuse(item: dict[str, Any], owner: str, pending: PendingTurn, key: str) -> Never:
    now = pending.started_at
    if "ErasingSince" in item or is_expired(item, now):
        raise LeftoverFound
    if text(item, "Owner") != owner:
        raise SessionNotFound
    held = pending_from_item(item)
    if held and pending.key and held.key == pending.key and held.fingerprint != pending.fingerprint:
        raise IdempotencyKeyReused
    if key and text(item, "LastKey") == key and (held is None or held.seen_at(now).state == "failed"):
        raise JustAnswered
    interrupted.raise_if_held(item, now)
    raise TurnInProgress(retry_after=TURN_RETRY_SECONDS)
