"""An owner's sessions for staff: by latest activity either way, between two days, with their sums.

OwnerIndex projects what the owner's own list shows; the sums come from the head items, a hundred in one call.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition

from conversations.domain import Page
from conversations.store.staff import heads
from conversations.store.staff.activity_index import FILTERED_CHUNKS
from conversations.store.staff.records import Edge, Position, SessionRecord, day_end, day_start, position_of
from conversations.store.staff.wanted import Wanted
from conversations.store.tables import SESSION_KEY, OwnerIndex, SessionRow
from dynamodb_client.encoding import text
from dynamodb_client.faults import store_errors


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both included; None leaves that end open."""

    first: dt.date | None = None
    last: dt.date | None = None

    def bounds(self) -> "Bounds":
        """The days as the index's sort key has them."""
        return Bounds(day_start(self.first) if self.first else None, day_end(self.last) if self.last else None)


@dataclass(frozen=True, slots=True)
class Bounds:
    """From the first moment of latest activity to the last, both included; None leaves that end open."""

    first: str | None = None
    last: str | None = None

    def up_to(self, edge: Edge, *, newest_first: bool) -> "Bounds":
        """What is left of them when reading begins at an edge, with all of the edge's own moment."""
        moment = edge.position.updated_at
        if newest_first:
            return Bounds(self.first, moment if self.last is None else min(moment, self.last))
        return Bounds(moment if self.first is None else max(moment, self.first), self.last)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be within them, which DynamoDB would refuse to look for."""
        return self.first is not None and self.last is not None and self.first > self.last

    def condition(self) -> Condition | None:
        """The bounds as a condition on the index's sort key."""
        if self.first and self.last:
            return SessionRow.updated_at.between(self.first, self.last)
        if self.first:
            return SessionRow.updated_at >= self.first
        return SessionRow.updated_at <= self.last if self.last else None


def page(
    owner: str, *, days: Days, newest_first: bool, beyond: Edge | None, wanted: Wanted, limit: int, now: dt.datetime
) -> tuple[list[SessionRecord], Edge | None]:
    """At most `limit` sessions beyond an edge, and where to read on, None at the end. Raises StoreUnavailable.

    DynamoDB passes over other states already; models it has in the heads alone, so a page may be short because of them.
    """
    items, last = _wanted_items(
        owner, days=days, newest_first=newest_first, beyond=beyond, wanted=wanted, limit=limit + 1
    )
    if len(items) > limit:
        items, last = items[:limit], position_of(items[limit - 1])
    places = {text(item, "SessionId"): position_of(item) for item in items}
    found = heads.records(places, owner=owner, now=now)
    rows = [found[session_id] for session_id in places if session_id in found]
    return [row for row in rows if wanted.matches(row)], Edge(last) if last else None


def places(owner: str, *, beyond: Position | None, limit: int) -> Page[Position]:
    """Where sessions stand, those among them that expired or are being erased: what there is to erase.

    Raises StoreUnavailable.
    """
    items, last = _query(owner, bounds=Bounds(), newest_first=True, beyond=beyond, limit=limit)
    return Page([position_of(item) for item in items], last.cursor() if last else None)


def _wanted_items(
    owner: str, *, days: Days, newest_first: bool, beyond: Edge | None, wanted: Wanted, limit: int
) -> tuple[list[dict[str, Any]], Position | None]:
    """At least `limit` items, if there are so many where it looks, and where it stopped, None at the end."""
    bounds, after = days.bounds(), None
    if beyond and beyond.is_included:
        bounds = bounds.up_to(beyond, newest_first=newest_first)
    elif beyond:
        after = beyond.position
    if bounds.is_empty:
        return [], None
    condition = wanted.condition_of_state()
    items: list[dict[str, Any]] = []
    for chunk in FILTERED_CHUNKS if condition is not None else (limit,):
        found, after = _query(
            owner, bounds=bounds, newest_first=newest_first, beyond=after, limit=chunk, condition=condition
        )
        items += found
        if after is None or len(items) >= limit:
            break
    return _from_edge(items, beyond), after


def _from_edge(items: list[dict[str, Any]], beyond: Edge | None) -> list[dict[str, Any]]:
    """Without what stands before an edge that is included: sessions of its very moment.

    In which order the index has sessions of one moment is nowhere promised, so the edge's own place is looked for.
    """
    if beyond is None or not beyond.is_included:
        return items
    first = next((number for number, item in enumerate(items) if position_of(item) == beyond.position), 0)
    return items[first:]


def _query(
    owner: str,
    *,
    bounds: Bounds,
    newest_first: bool,
    beyond: Position | None,
    limit: int,
    condition: Condition | None = None,
) -> tuple[list[dict[str, Any]], Position | None]:
    with store_errors():
        answer = SessionRow.table().query(
            owner,
            range_key_condition=bounds.condition(),
            filter_condition=condition,
            index_name=OwnerIndex.Meta.index_name,
            scan_index_forward=not newest_first,
            limit=limit,
            exclusive_start_key=_start_key(owner, beyond) if beyond else None,
        )
    last = answer.get("LastEvaluatedKey")
    return answer["Items"], position_of(last) if last else None


def _start_key(owner: str, position: Position) -> dict[str, Any]:
    return {
        "Owner": {"S": owner},
        "UpdatedAt": {"S": position.updated_at},
        "SessionId": {"S": position.session_id},
        "Timestamp": {"S": SESSION_KEY},
    }
