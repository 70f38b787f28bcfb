"""A day's sessions in the order of their latest activity, merged from the shards of ActivityIndex.

Each shard is a sorted list; a merged row is safe to show once no shard can still hold one before it. So the shard that
has been read least far is read on, until the page is full. How many queries that takes depends on the size of the page
and not on how many sessions there are: one a shard, and now and then one more.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from pynamodb.expressions.condition import Condition

from conversations.store.staff.records import (
    FIRST_ID,
    LAST_ID,
    Edge,
    Position,
    SessionRecord,
    position_of,
    record_from_item,
)
from conversations.store.staff.wanted import Wanted
from conversations.store.tables import ACTIVITY_SHARDS, ActivityIndex, SessionRow
from dynamodb_client.encoding import is_expired
from dynamodb_client.faults import store_errors

# A shard's share of a page of fifty is three; four times that leaves little to be read on for.
_CHUNK = 12
# With a filter most of what is read may be passed over, in DynamoDB already, or nothing: each query looks at more items
# than the one before, so that a filter that most pass costs little, and one that few pass is soon through.
FILTERED_CHUNKS = (60, 240, 1000)


@dataclass(slots=True)
class Queries:
    """How many queries a page may still take."""

    left: int

    def take(self) -> bool:
        """Counts one more; False when there is none left."""
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a day's sessions in order; `reached` is where reading stopped, None at the day's end."""

    rows: list[SessionRecord]
    reached: Edge | None


@dataclass(slots=True)
class _Shard:
    """One shard of a day, read step by step."""

    partition: str
    newest_first: bool
    beyond: Edge | None
    wanted: Wanted
    now: dt.datetime
    rows: list[SessionRecord] = field(default_factory=list)
    frontier: Position | None = None
    is_read: bool = False
    _queries: int = 0
    _start: dict[str, Any] | None = None

    def read(self) -> None:
        """One query further."""
        with store_errors():
            answer = SessionRow.table().query(
                self.partition,
                range_key_condition=self._from_position(),
                filter_condition=self.wanted.condition(),
                index_name=ActivityIndex.Meta.index_name,
                scan_index_forward=not self.newest_first,
                limit=self._chunk(),
                exclusive_start_key=self._start,
            )
        found = [record_from_item(item, now=self.now) for item in answer["Items"] if not is_expired(item, self.now)]
        self.rows += [record for record in found if self._is_beyond(record.position) and self.wanted.matches(record)]
        self._queries += 1
        self._start = answer.get("LastEvaluatedKey")
        self.frontier = position_of(self._start) if self._start else None
        self.is_read = not self._start

    def _chunk(self) -> int:
        return _CHUNK if self.wanted.takes_all else FILTERED_CHUNKS[min(self._queries, len(FILTERED_CHUNKS) - 1)]

    def _from_position(self) -> Condition | None:
        if self.beyond is None:
            return None
        moment = self.beyond.position.updated_at
        return SessionRow.updated_at <= moment if self.newest_first else SessionRow.updated_at >= moment

    def _is_beyond(self, position: Position) -> bool:
        # The query takes in all of one moment, because other shards have sessions of that moment too.
        return self.beyond is None or self.beyond.is_before(position, newest_first=self.newest_first)


def read_day(  # one place, one direction, one bound: none of them belongs to another
    day: dt.date,
    *,
    newest_first: bool,
    beyond: Edge | None,
    wanted: Wanted,
    limit: int,
    queries: Queries,
    now: dt.datetime,
) -> Stretch:
    """At least `limit` of the day's sessions beyond an edge, if there are so many and `queries` suffice.

    Raises StoreUnavailable.
    """
    shards = [
        _Shard(f"{day.isoformat()}#{number}", newest_first, beyond, wanted, now) for number in range(ACTIVITY_SHARDS)
    ]
    for shard in shards:
        queries.take()
        shard.read()
    while True:
        rows, horizon = _merged(shards, newest_first=newest_first)
        unread = [shard for shard in shards if not shard.is_read]
        if not unread:
            return Stretch(rows, None)
        if len(rows) >= limit or not queries.take():
            return Stretch(rows, Edge(Position(horizon, LAST_ID if newest_first else FIRST_ID), is_included=True))
        _laggard(unread, newest_first=newest_first).read()


def _merged(shards: list[_Shard], *, newest_first: bool) -> tuple[list[SessionRecord], str]:
    """The rows that no unread one can precede, and the moment from which on that is not known any more."""
    rows = sorted(
        (record for shard in shards for record in shard.rows), key=lambda row: row.position, reverse=newest_first
    )
    unread = [shard for shard in shards if not shard.is_read]
    if not unread:
        return rows, ""
    frontier = _laggard(unread, newest_first=newest_first).frontier
    horizon = frontier.updated_at if frontier else ""
    if newest_first:
        return [row for row in rows if row.position.updated_at > horizon], horizon
    return [row for row in rows if row.position.updated_at < horizon], horizon


def _laggard(unread: list[_Shard], *, newest_first: bool) -> _Shard:
    """The shard that was read least far."""
    least = max if newest_first else min
    return least(unread, key=lambda shard: shard.frontier or Position("", ""))
