"""Erasing a session: marked first, so that nothing is added, then emptied, then removed.

Interrupted, it goes on at the next call, from this process or another.
"""

from conversations.services.clock import now
from conversations.store import messages, sessions
from core.deadline import Deadline


def erase_session(*, owner: str, session_id: str, deadline: Deadline) -> None:
    """Erases every item of the owner's session; somebody else's, or none, is left alone without a word.

    Raises StoreUnavailable when it could not be finished before the deadline.
    """
    _empty(session_id, sessions.mark_erasing(session_id, owner=owner, now=now()), deadline=deadline)


def erase_leftover(session_id: str, *, deadline: Deadline) -> None:
    """Erases a session that is over for everybody: expired, or not erased to its end."""
    _empty(session_id, sessions.mark_leftover(session_id, now=now()), deadline=deadline)


def _empty(session_id: str, incarnation: str | None, *, deadline: Deadline) -> None:
    if incarnation is None:
        return
    messages.delete_all(session_id, incarnation, deadline=deadline)
    sessions.remove(session_id, incarnation)
