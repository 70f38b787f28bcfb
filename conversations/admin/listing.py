"""What one page of the list shows: its sessions, the pages beside it, and in words what was looked at for it."""

import datetime as dt
from dataclasses import dataclass, field, replace

from conversations.admin.list_form import Asked
from conversations.services.staff.find_sessions import (
    DAYS_AT_ONCE,
    Found,
    SessionQuery,
    find_latest_day,
    find_session,
    find_sessions,
)
from conversations.services.staff.search_words import MESSAGES_OF_A_SESSION, Searched, search_words
from conversations.store.staff.records import SessionRecord

PAGE_SIZE = 50
_SESSION_NAMED = (
    "This is the id of a session, and words are searched for in the sessions of an owner or of days: name the owner, "
    "or leave one of the two fields empty."
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; `day` is the one day that it is about, None where it is about others.

    `searched` is what a search for words looked at, None where there was none.
    """

    rows: list[SessionRecord]
    newer: str | None = None
    older: str | None = None
    day: dt.date | None = None
    notes: list[str] = field(default_factory=list)
    searched: Searched | None = None


def listing(wish: Asked, *, today: dt.date) -> Listing:
    """Raises InvalidCursor, StoreUnavailable."""
    if wish.exact and not wish.words:
        return _exact(wish)
    query, day, notes = wish.query, None, []
    if not wish.has_days and not wish.query.owner:
        day, found = find_latest_day(wish.query, today=today, limit=PAGE_SIZE)
        query, notes = replace(wish.query, first=day, last=day), _skipped(day, found, today)
        if not wish.words:
            return _listed(found, day=day, notes=notes)
    elif wish.query.first == wish.query.last:
        day = wish.query.first
    if wish.words:
        searched = _search(query, wish)
        return _searched(searched, day=day, notes=[*notes, *_of_no_owner(wish, searched)])
    found = find_sessions(query, limit=PAGE_SIZE, newer_than=wish.newer_than, older_than=wish.older_than)
    return _listed(found, day=day, notes=notes)


def _exact(wish: Asked) -> Listing:
    """The session of this id, and the sessions of the owner of this name, as far as the filters let them pass."""
    is_first_page = not (wish.newer_than or wish.older_than)
    hit = find_session(wish.exact) if is_first_page else None
    if hit and not wish.query.takes(hit):
        hit = None
    found = Found()
    if wish.query.owner in {"", wish.exact}:
        query = replace(wish.query, owner=wish.exact)
        found = find_sessions(query, limit=PAGE_SIZE, newer_than=wish.newer_than, older_than=wish.older_than)
    rows = [hit] if hit else []
    rows += [row for row in found.rows if hit is None or row.session_id != hit.session_id]
    notes = ["Looked for a session of exactly this id, and for the sessions of an owner of exactly this name."]
    if wish.query != SessionQuery():
        notes.append("Shown are those of them that the filters let pass.")
    return _listed(replace(found, rows=rows), day=None, notes=notes)


def _search(query: SessionQuery, wish: Asked) -> Searched:
    """Of two owners, one of the search and one of the filter, there is no session to be looked at."""
    if wish.exact not in {"", query.owner}:
        return Searched(Found(), sessions=0, messages=0, partly=0, newest=None, oldest=None)
    return search_words(query, wish.words, older_than=wish.older_than)


def _of_no_owner(wish: Asked, searched: Searched) -> list[str]:
    """In words, why there was nothing to search, where `exact` is not the owner that it is taken for."""
    if not wish.exact or searched.sessions or searched.found.older:
        return []
    if wish.exact != wish.query.owner:
        return ["The search names another owner than the filter."]
    if find_session(wish.exact):
        return [_SESSION_NAMED]
    return []


def _listed(found: Found, *, day: dt.date | None, notes: list[str]) -> Listing:
    if found.is_cut:
        notes = [*notes, "This page is not full because few of the sessions read for it match; Older reads on."]
    return Listing(found.rows, found.newer, found.older, day, notes)


def _searched(searched: Searched, *, day: dt.date | None, notes: list[str]) -> Listing:
    note = (
        f"Searched the titles and the {MESSAGES_OF_A_SESSION} newest messages of {_count(searched.sessions, 'session')}"
        f" ({_count(searched.messages, 'message')})"
    )
    if searched.newest and searched.oldest:
        note += f", latest activity from {searched.newest:%Y-%m-%d %H:%M} back to {searched.oldest:%Y-%m-%d %H:%M} UTC"
    note += "."
    if searched.partly:
        note += f" Not searched: earlier messages of {_count(searched.partly, 'session')}."
    note += " Older goes on with the sessions not searched yet." if searched.found.older else " There are no others."
    return Listing(searched.found.rows, None, searched.found.older, day, [*notes, note], searched)


def _skipped(day: dt.date, found: Found, today: dt.date) -> list[str]:
    if day != today:
        return [f"No such activity since {day + dt.timedelta(days=1)}; this is the latest day that has any."]
    if not found.rows and not found.is_cut:
        return [f"No such activity in the last {DAYS_AT_ONCE} days. Choose an earlier day or an owner to look further."]
    return []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
