"""A session with a page of its messages."""

from dataclasses import dataclass

from conversations.domain import Message, Page, PendingTurn, Session
from conversations.services.clock import now
from conversations.store import messages, sessions


@dataclass(frozen=True, slots=True)
class History:
    """The head of a session, some of its messages, and the one that has no answer."""

    session: Session
    page: Page[Message]
    pending: PendingTurn | None


def read_history(*, owner: str, session_id: str, limit: int, cursor: str | None, newest_first: bool) -> History:
    """Raises SessionNotFound, InvalidCursor, StoreUnavailable."""
    moment = now()
    session = sessions.get(session_id, owner=owner, now=moment)
    page = messages.page(session, limit=limit, cursor=cursor, newest_first=newest_first, now=moment)
    return History(session, page, session.pending.seen_at(moment) if session.pending else None)
