"""How a turn begins: one conditional update that takes the session's lease and keeps the message."""

from typing import Any, Never

from conversations.domain import PendingTurn, Turn
from conversations.errors import IdempotencyKeyReused, SessionNotFound, TurnInProgress
from conversations.store import head_update, interrupted
from conversations.store.sessions import pending_from_item, session_from_item
from conversations.store.turn_begin_request import begin_request
from core.deadline import Deadline
from dynamodb_client.encoding import is_expired, text

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
        item = head_update.send(
            begin_request(session_id, owner=owner, title=title, pending=pending, key=key),
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
