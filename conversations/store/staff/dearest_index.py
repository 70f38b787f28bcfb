"""The sessions of a day that cost most, from the shards of ActivityIndex, which is sorted by time and not by cost.

So every session of the day is looked at; but a page of a shard asks only for those that cost as much as the dearest
ones found before, and DynamoDB passes over the others.
"""

import datetime as dt
import heapq
from dataclasses import dataclass, field
from functools import partial

from conversations.store.staff.shards import every_shard
from conversations.store.tables import ACTIVITY_SHARDS, ActivityIndex, SessionRow
from dynamodb_client.encoding import number, text
from dynamodb_client.faults import store_errors

# More than any session can cost: what is said of those left out when nobody looked at them.
UNKNOWN_NANO_USD = 2**63 - 1
# Of each shard, a megabyte each. A day of a million sessions has about twenty.
MOST_PAGES = 30


@dataclass(frozen=True, slots=True)
class Dearest:
    """What sessions cost, nano-dollars by session id; those left out cost at most `left_out_nano_usd`, 0 for none."""

    costs: dict[str, int]
    left_out_nano_usd: int


@dataclass(slots=True)
class _Shard:
    """The dearest sessions of a shard as far as it was read: (cost, session id), the least first."""

    keep: int
    at_least: int
    found: list[tuple[int, str]] = field(default_factory=list)
    is_cut: bool = False

    def take(self, cost: int, session_id: str) -> None:
        if len(self.found) < self.keep:
            heapq.heappush(self.found, (cost, session_id))
        else:
            heapq.heappushpop(self.found, (cost, session_id))
        if len(self.found) == self.keep:
            self.at_least = max(self.at_least, self.found[0][0])


def read_day(day: dt.date, *, keep: int, at_least: int = 1, most_pages: int = MOST_PAGES) -> Dearest:
    """The dearest `keep` of the day's sessions that cost `at_least` so much; the rest counts as left out.

    Latest activity first, as far as `most_pages` queries of each shard reach. Raises StoreUnavailable.
    """
    shards = every_shard(partial(_read, day, keep, at_least, most_pages), shards=ACTIVITY_SHARDS)
    found = sorted((each for shard in shards for each in shard.found), reverse=True)
    kept = found[:keep]
    least = kept[-1][0] if len(kept) == keep else at_least - 1
    left_out = UNKNOWN_NANO_USD if any(shard.is_cut for shard in shards) else least
    return Dearest({session_id: cost for cost, session_id in kept}, left_out)


def _read(day: dt.date, keep: int, at_least: int, most_pages: int, shard_number: int) -> _Shard:
    shard = _Shard(keep, at_least)
    start = None
    for _ in range(most_pages):
        with store_errors():
            answer = SessionRow.table().query(
                f"{day.isoformat()}#{shard_number}",
                filter_condition=SessionRow.cost_nano_usd >= shard.at_least,
                index_name=ActivityIndex.Meta.index_name,
                scan_index_forward=False,
                attributes_to_get=["SessionId", "CostNanoUsd"],
                exclusive_start_key=start,
            )
        for item in answer["Items"]:
            shard.take(number(item, "CostNanoUsd"), text(item, "SessionId"))
        start = answer.get("LastEvaluatedKey")
        if not start:
            return shard
    shard.is_cut = True
    return shard
