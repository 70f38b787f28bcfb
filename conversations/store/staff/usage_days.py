"""A day of everybody's ledger, from the shards of DayIndex.

The index follows the table with a delay, mostly of less than a second, and so do the figures. How many queries a day
takes depends on how many owners and models there are, and not on how many sessions: one a shard, and one more for each
further megabyte of rows.
"""

import datetime as dt
from collections.abc import Mapping
from functools import partial

from conversations.domain import Spending
from conversations.store.staff.shards import every_shard
from conversations.store.tables import USAGE_SHARDS, DayIndex, UsageRow
from conversations.store.usage import model_of, spending_from_item
from dynamodb_client.encoding import text
from dynamodb_client.paging import every_item

# What each owner used of each model, by (owner, model id).
DaySpending = Mapping[tuple[str, str], Spending]

# Without the shares of API keys with a budget of their own, of which there may be many on one row.
_READ = [
    "Owner",
    "DayModelShard",
    "Turns",
    "Errors",
    "LatencyMs",
    "InputTokens",
    "OutputTokens",
    "CacheReadTokens",
    "CacheWriteTokens",
    "CostNanoUsd",
]


def read_day(day: dt.date, *, owner: str | None = None) -> DaySpending:
    """What everybody, or one owner, used on a day (UTC). Raises StoreUnavailable."""
    found: dict[tuple[str, str], Spending] = {}
    for shard in every_shard(partial(_shard, day, owner), shards=USAGE_SHARDS):
        for of, spending in shard.items():
            found[of] = found.get(of, Spending()) + spending
    return found


def _shard(day: dt.date, owner: str | None, number: int) -> DaySpending:
    query = partial(
        UsageRow.table().query,
        f"{day.isoformat()}#{number}",
        range_key_condition=None if owner is None else UsageRow.owner == owner,
        index_name=DayIndex.Meta.index_name,
        attributes_to_get=_READ,
    )
    # A row is one owner's use of one model in this shard, so no two of them are of the same.
    return {(text(item, "Owner"), model_of(item)): spending_from_item(item) for item in every_item(query)}
