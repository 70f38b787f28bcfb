"""Reading the ledger: what an owner used, by day and model.

Strongly consistent, so a turn whose answer was given is in it.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

from access.budgets.budget import BudgetMonth
from conversations.domain import Spending
from conversations.store.spending import usage_from_item
from conversations.store.tables import KEY_COST_PREFIX, UsageRow
from dynamodb_client.encoding import number, text
from dynamodb_client.paging import every_item


def by_day_and_model(owner: str, first: dt.date, last: dt.date) -> dict[tuple[dt.date, str], Spending]:
    """What the owner used from the first to the last of these days (UTC), oldest first. Raises StoreUnavailable."""
    found: dict[tuple[dt.date, str], Spending] = {}
    for item in _items(owner, first, last):
        of = dt.date.fromisoformat(text(item, "DayModelShard").partition("#")[0]), model_of(item)
        found[of] = found.get(of, Spending()) + spending_from_item(item)
    return dict(sorted(found.items()))


def booked(month: BudgetMonth) -> int:
    """What the ledger has of a budget's month, in nano-dollars.

    Of a key's own budget that is what it paid for; of the owner's all the rest. Raises StoreUnavailable.
    """
    rows = _items(month.budget.owner, month.first, month.last)
    if key_id := month.budget.key_id:
        return sum(number(row, KEY_COST_PREFIX + key_id) for row in rows)
    return sum(number(row, "CostNanoUsd") - _paid_by_keys(row) for row in rows)


def spending_from_item(item: dict[str, Any]) -> Spending:
    """What a row of the ledger says, of the table or of its index."""
    return Spending(
        turns=number(item, "Turns"),
        errors=number(item, "Errors"),
        usage=usage_from_item(item),
        cost_nano_usd=number(item, "CostNanoUsd"),
        latency_ms=number(item, "LatencyMs"),
    )


def model_of(item: dict[str, Any]) -> str:
    """The model of a row: its sort key is `<day>#<model>#<shard>`, and a model's id may hold anything."""
    return text(item, "DayModelShard").partition("#")[2].rpartition("#")[0]


def _paid_by_keys(item: dict[str, Any]) -> int:
    return sum(number(item, name) for name in item if name.startswith(KEY_COST_PREFIX))


def _items(owner: str, first: dt.date, last: dt.date) -> Iterator[dict[str, Any]]:
    query = partial(
        UsageRow.table().query,
        owner,
        # "~" sorts behind everything a model's id may begin with.
        range_key_condition=UsageRow.day_model_shard.between(first.isoformat(), f"{last.isoformat()}#~"),
        consistent_read=True,
    )
    return every_item(query)
