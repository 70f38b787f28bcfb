"""The sessions of an owner, and their titles."""

import datetime as dt
from dataclasses import replace

from django.conf import settings

from conversations.domain import LEASE_MARGIN_SECONDS, Page, Session, SessionSummary
from conversations.services.clock import now
from conversations.store import sessions


def list_sessions(*, owner: str, limit: int, cursor: str | None) -> Page[SessionSummary]:
    """Latest activity first. Raises InvalidCursor, StoreUnavailable."""
    moment = now()
    page = sessions.page_of_owner(owner, limit=limit, cursor=cursor, now=moment)
    return Page([_seen_at(moment, summary) for summary in page.rows], page.next_cursor)


def rename_session(*, owner: str, session_id: str, title: str) -> Session:
    """Gives the session a title. Raises SessionNotFound, StoreUnavailable."""
    moment = now()
    session = sessions.rename(session_id, owner=owner, title=title, now=moment)
    return replace(session, pending=session.pending.seen_at(moment) if session.pending else None)


def _seen_at(moment: dt.datetime, summary: SessionSummary) -> SessionSummary:
    """A turn that is pending for longer than any lease lasts has failed; the index holds only when it began."""
    longest = dt.timedelta(seconds=settings.CHAT_DEADLINE_SECONDS + LEASE_MARGIN_SECONDS)
    is_over = summary.state == "pending" and summary.updated_at + longest <= moment
    return replace(summary, state="failed") if is_over else summary
