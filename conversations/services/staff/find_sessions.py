"""Sessions for staff's list: a day's, those of several days, or an owner's, by latest activity, page by page."""

import datetime as dt
from dataclasses import dataclass, field, replace

from conversations.domain import SessionState
from conversations.errors import SessionNotFound
from conversations.services.clock import now
from conversations.store.staff import heads, owner_index
from conversations.store.staff.activity_index import Queries, read_day
from conversations.store.staff.owner_index import Days
from conversations.store.staff.records import FIRST_ID, LAST_ID, Edge, Position, SessionRecord, day_end, day_start
from conversations.store.staff.wanted import Wanted
from conversations.store.tables import ACTIVITY_SHARDS

# A page takes at most so many queries: a day's shards seven times over.
DAYS_AT_ONCE = 7
_MAX_QUERIES = DAYS_AT_ONCE * ACTIVITY_SHARDS


@dataclass(frozen=True, slots=True)
class SessionQuery:
    """Which sessions are asked for. Without an owner, `first` and `last` day must be given."""

    first: dt.date | None = None
    last: dt.date | None = None
    owner: str = ""
    model_id: str = ""
    state: SessionState | None = None
    stuck: bool = False

    @property
    def wanted(self) -> Wanted:
        """The part that is asked of each session."""
        return Wanted(self.model_id, self.state, self.stuck)

    def takes(self, record: SessionRecord) -> bool:
        """Whether this session is one of them."""
        day = record.updated_at.date()
        in_days = (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        return in_days and self.owner in {"", record.owner} and self.wanted.matches(record)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of sessions, latest activity first.

    `newer` and `older` are cursors for the pages beside it, None where the list ends. `is_cut` says that the page is
    short because enough was read for one request, and not because there is no more.
    """

    rows: list[SessionRecord] = field(default_factory=list)
    newer: str | None = None
    older: str | None = None
    is_cut: bool = False


def find_session(session_id: str) -> SessionRecord | None:
    """The session of this id, whoever it belongs to. Raises StoreUnavailable."""
    try:
        return heads.get(session_id, now=now()).record
    except SessionNotFound:
        return None


def find_sessions(
    query: SessionQuery, *, limit: int, newer_than: str | None = None, older_than: str | None = None
) -> Found:
    """The page beyond a cursor, or the first one. Raises InvalidCursor, StoreUnavailable."""
    if newer_than:
        start = Edge.from_cursor(newer_than)
        rows, more = _read(query, start, newest_first=False, limit=limit)
        if more or len(rows) == limit:
            older = _way_back(rows, start).cursor()
            return Found(rows[::-1], newer=more.cursor() if more else None, older=older, is_cut=len(rows) < limit)
        older_than = None  # a page that would be short at the top of the list is the first page
    beyond = Edge.from_cursor(older_than) if older_than else None
    rows, more = _read(query, beyond, newest_first=True, limit=limit)
    return Found(
        rows,
        newer=_way_back(rows, beyond).cursor() if beyond else None,
        older=more.cursor() if more else None,
        is_cut=more is not None and len(rows) < limit,
    )


def _way_back(rows: list[SessionRecord], start: Edge) -> Edge:
    """Where the page before this one ends, for rows in the order of reading."""
    return Edge(rows[0].position) if rows else start.turned()


def find_latest_day(query: SessionQuery, *, today: dt.date, limit: int) -> tuple[dt.date, Found]:
    """The newest day with such sessions, today or one of the six before, and its first page; else today, empty.

    Raises StoreUnavailable.
    """
    for day in (today - dt.timedelta(days=back) for back in range(DAYS_AT_ONCE)):
        found = find_sessions(replace(query, first=day, last=day), limit=limit)
        if found.rows or found.is_cut:
            return day, found
    return today, Found()


def _read(
    query: SessionQuery, beyond: Edge | None, *, newest_first: bool, limit: int
) -> tuple[list[SessionRecord], Edge | None]:
    """Rows in the order of reading, and where to read on."""
    if query.owner:
        return owner_index.page(
            query.owner,
            days=Days(query.first, query.last),
            newest_first=newest_first,
            beyond=beyond,
            wanted=query.wanted,
            limit=limit,
            now=now(),
        )
    return _read_days(query, beyond, newest_first=newest_first, limit=limit)


def _read_days(
    query: SessionQuery, beyond: Edge | None, *, newest_first: bool, limit: int
) -> tuple[list[SessionRecord], Edge | None]:
    queries = Queries(_MAX_QUERIES)
    rows: list[SessionRecord] = []
    for day in _days(query, beyond, newest_first=newest_first):
        if len(rows) > limit:
            break
        if queries.left < ACTIVITY_SHARDS:
            return rows, _before_day(day, newest_first=newest_first)
        stretch = read_day(
            day,
            newest_first=newest_first,
            beyond=beyond,
            wanted=query.wanted,
            limit=limit + 1 - len(rows),
            queries=queries,
            now=now(),
        )
        rows += stretch.rows
        if stretch.reached and len(rows) <= limit:
            return rows, stretch.reached
    return rows[:limit], Edge(rows[limit - 1].position) if len(rows) > limit else None


def _days(query: SessionQuery, beyond: Edge | None, *, newest_first: bool) -> list[dt.date]:
    """The days in the order of reading, from the one that the position is in."""
    if query.first is None or query.last is None:
        raise ValueError("without an owner, the days must be given")
    count = (query.last - query.first).days + 1
    days = [query.first + dt.timedelta(days=number) for number in range(max(count, 0))]
    at = dt.date.fromisoformat(beyond.position.updated_at[:10]) if beyond else None
    if newest_first:
        return [day for day in reversed(days) if at is None or day <= at]
    return [day for day in days if at is None or day >= at]


def _before_day(day: dt.date, *, newest_first: bool) -> Edge:
    """The edge right before the first row of a day in the order of reading."""
    place = Position(day_end(day), LAST_ID) if newest_first else Position(day_start(day), FIRST_ID)
    return Edge(place, is_included=True)
