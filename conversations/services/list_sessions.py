"""The sessions of an owner, and their titles."""

from dataclasses import replace

from conversations.domain import Page, Session, SessionSummary
from conversations.services.clock import now
from conversations.store import sessions


def list_sessions(*, owner: str, limit: int, cursor: str | None) -> Page[SessionSummary]:
    """Latest activity first. Raises InvalidCursor, StoreUnavailable."""
    return sessions.page_of_owner(owner, limit=limit, cursor=cursor, now=now())


def rename_session(*, owner: str, session_id: str, title: str) -> Session:
    """Gives the session a title. Raises SessionNotFound, StoreUnavailable."""
    moment = now()
    session = sessions.rename(session_id, owner=owner, title=title, now=moment)
    return replace(session, pending=session.pending.seen_at(moment) if session.pending else None)
