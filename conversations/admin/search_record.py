"""A search for words on record: what was searched for before it is looked for, and what was searched afterwards."""

import datetime as dt
from typing import Any

from django.contrib.admin.models import LogEntry
from django.http import HttpRequest

from conversations.admin import audit, reasons
from conversations.admin.audit import Action
from conversations.admin.list_form import Asked
from conversations.admin.listing import Listing, listing
from conversations.models import Owner, Session
from conversations.services.staff.search_words import Searched


def on_record(request: HttpRequest, wish: Asked, *, today: dt.date) -> Listing:
    """The page that is asked for; without words to search for nothing is written.

    A search that raises ServiceError is on record as refused, with why. Raises InvalidCursor, StoreUnavailable.
    """
    if not wish.words:
        return listing(wish, today=today)
    entry = _begun(request, wish)
    with audit.refusal_on_record(entry):
        page = listing(wish, today=today)
    _ended(entry, page)
    return page


def _begun(request: HttpRequest, wish: Asked) -> LogEntry:
    owner, first, last = wish.query.owner, wish.query.first, wish.query.last
    return audit.record(
        request,
        Action.SEARCH,
        Owner(owner) if owner else Session(""),
        reason=reasons.remembered(request, Action.SEARCH, "") or "",
        name=owner or _name(first, last),
        words=wish.words,
        days=_days(first, last),
        state=wish.query.state or "",
        model=wish.query.model_id,
    )


def _ended(entry: LogEntry, page: Listing) -> None:
    """Adds which day it was where the list chose it, how much was looked at, and how much was found."""
    day: dict[str, Any] = {}
    if page.day:
        day = {"days": _days(page.day, page.day)}
        if not entry.object_id:
            entry.object_repr = _name(page.day, page.day)
            entry.save(update_fields=["object_repr"])
    audit.add_outcome(entry, **day, **(_looked_at(page.searched) if page.searched else {}))


def _looked_at(searched: Searched) -> dict[str, Any]:
    return {
        "sessions": searched.sessions,
        "messages": searched.messages,
        "partly": searched.partly,
        "newest": searched.newest.isoformat() if searched.newest else None,
        "oldest": searched.oldest.isoformat() if searched.oldest else None,
        "found": [record.session_id for record in searched.found.rows],
    }


def _name(first: dt.date | None, last: dt.date | None) -> str:
    if first is None:
        return "Sessions of the latest day"
    return f"Sessions of {first}" if first == last else f"Sessions of {first} to {last}"


def _days(first: dt.date | None, last: dt.date | None) -> list[str | None]:
    return [day.isoformat() if day else None for day in (first, last)]
