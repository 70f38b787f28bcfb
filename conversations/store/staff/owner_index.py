"""An owner's sessions for staff: by latest activity either way, between two days, with their sums.

OwnerIndex projects what the owner's own list shows; the sums come from the head items, a hundred in one call.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition

from conversations.domain import Page
from conversations.store.staff import heads
from conversations.store.staff.records import Position, SessionRecord, day_end, day_start, position_of
from conversations.store.tables import SESSION_KEY, OwnerIndex, SessionRow
from dynamodb_client.encoding import text
from dynamodb_client.faults import store_errors


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both included; None leaves that end open."""

    first: dt.date | None = None
    last: dt.date | None = None

    def condition(self) -> Condition | None:
        """The days as a condition on the index's sort key."""
        if self.first and self.last:
            return SessionRow.updated_at.between(day_start(self.first), day_end(self.last))
        if self.first:
            return SessionRow.updated_at >= day_start(self.first)
        return SessionRow.updated_at <= day_end(self.last) if self.last else None


def page(
    owner: str, *, days: Days, newest_first: bool, beyond: Position | None, limit: int, now: dt.datetime
) -> tuple[list[SessionRecord], Position | None]:
    """At most `limit` sessions beyond a position, and where to read on, None at the end. Raises StoreUnavailable."""
    items, last = _query(owner, days=days, newest_first=newest_first, beyond=beyond, limit=limit + 1)
    if len(items) > limit:
        items, last = items[:limit], position_of(items[limit - 1])
    places = {text(item, "SessionId"): position_of(item) for item in items}
    found = heads.records(places, owner=owner, now=now)
    return [found[session_id] for session_id in places if session_id in found], last


def places(owner: str, *, beyond: Position | None, limit: int) -> Page[Position]:
    """Where sessions stand, those of expired ones among them: what is to be erased. Raises StoreUnavailable."""
    items, last = _query(owner, days=Days(), newest_first=True, beyond=beyond, limit=limit)
    return Page([position_of(item) for item in items], last.cursor() if last else None)


def _query(
    owner: str, *, days: Days, newest_first: bool, beyond: Position | None, limit: int
) -> tuple[list[dict[str, Any]], Position | None]:
    with store_errors():
        answer = SessionRow.table().query(
            owner,
            range_key_condition=days.condition(),
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
