"""Erasing a session: marked first, so that nothing is added, then emptied, then removed.

Broken off, it goes on at the next call, from this process or another.
"""

from collections.abc import Callable
from functools import partial

from conversations.services.clock import now
from conversations.store import erasing, messages, turn_end
from conversations.store.head_update import WRITE_SECONDS
from conversations.store.interrupted import InterruptedFound
from core.deadline import Deadline
from dynamodb_client.errors import StoreUnavailable
from dynamodb_client.faults import RETRY_AFTER_SECONDS

_MARK_TRIES = 3


def erase_session(*, owner: str, session_id: str, deadline: Deadline) -> None:
    """Erases every item of the owner's session; somebody else's, or none, is left alone without a word.

    Raises StoreUnavailable when it could not be finished before the deadline.
    """
    _erase(session_id, partial(erasing.mark, session_id, owner=owner), deadline=deadline)


def erase_leftover(session_id: str, *, deadline: Deadline) -> None:
    """Erases a session that is over for everybody: expired, or not erased to its end."""
    _erase(session_id, partial(erasing.mark_leftover, session_id), deadline=deadline)


def _erase(session_id: str, mark: Callable[..., str | None], *, deadline: Deadline) -> None:
    incarnation = _marked(mark)
    if incarnation is None:
        return
    messages.delete_all(session_id, incarnation, deadline=deadline)
    erasing.remove(session_id, incarnation)


def _marked(mark: Callable[..., str | None]) -> str | None:
    """What `mark` returns, once a turn whose process died is booked."""
    for _ in range(_MARK_TRIES):
        moment = now()
        try:
            return mark(now=moment)
        except InterruptedFound as found:
            turn_end.fail_interrupted(found.turn, found_at=moment, deadline=Deadline.after(WRITE_SECONDS))
    raise StoreUnavailable("the session's turns are in the way", retry_after=RETRY_AFTER_SECONDS)
