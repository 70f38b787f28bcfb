"""Stopping a turn, whichever process it runs in, and clearing one that failed."""

import datetime as dt
import time

from conversations.domain import TURN_CANCELLED, PendingTurn, Session, Turn
from conversations.errors import SessionNotFound, TurnCancelled, TurnOvertaken
from conversations.services.clock import now
from conversations.services.running_turns import RunningTurns, running_turns
from conversations.store import sessions, stops, turn_end
from core.deadline import Deadline

# The turn's process has this long to end it and to keep what was said; then it is ended without it.
STOP_SECONDS = 1.8
_LOOK_SECONDS = 0.1
_WRITE_SECONDS = 5


def stop_turn(*, owner: str, session_id: str, running: RunningTurns = running_turns) -> None:
    """Stops the turn under way, keeping what the model said; clears a failed one; else there is nothing to do.

    A turn that was stopped before the model said a word stays in the history as failed. Raises SessionNotFound,
    StoreUnavailable.
    """
    moment = now()
    session = sessions.get(session_id, owner=owner, now=moment)
    pending = session.pending
    if pending is None:
        return
    if pending.seen_at(moment).state == "failed":
        _clear(session, pending, moment)
        return
    if stops.request(session_id, pending, now=moment, deadline=Deadline.after(_WRITE_SECONDS)):
        running.stop(pending.turn_id)
        _wait(owner, session, pending)


def _clear(session: Session, pending: PendingTurn, moment: dt.datetime) -> None:
    deadline = Deadline.after(_WRITE_SECONDS)
    if pending.is_interrupted_at(moment):
        turn_end.fail_interrupted(Turn(session, pending), found_at=moment, deadline=deadline)
    turn_end.clear(session, pending, deadline=deadline)


def _wait(owner: str, session: Session, pending: PendingTurn) -> None:
    deadline = Deadline.after(STOP_SECONDS)
    while deadline.remaining() > 0:
        if not _is_under_way(owner, session, pending):
            return
        time.sleep(_LOOK_SECONDS)
    turn = Turn(session, pending)
    try:
        turn_end.fail(turn, error_code=TURN_CANCELLED, partial="", deadline=Deadline.after(_WRITE_SECONDS))
    except (SessionNotFound, TurnCancelled, TurnOvertaken):
        return  # it has ended in this very moment


def _is_under_way(owner: str, session: Session, pending: PendingTurn) -> bool:
    try:
        held = sessions.get(session.session_id, owner=owner, now=now()).pending
    except SessionNotFound:
        return False
    return held is not None and held.turn_id == pending.turn_id and held.state == "pending"
