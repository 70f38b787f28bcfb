"""What an owner used, and how the budget stands."""

import datetime as dt
from dataclasses import dataclass
from functools import reduce
from operator import add

from access.budgets.budget import Budget, BudgetMonth, Standing
from conversations.domain import Spending
from conversations.services import clock
from conversations.store import usage


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Days from `first` to `last` (UTC), and the budget that pays for this caller now, with when it is whole again."""

    first: dt.date
    last: dt.date
    days: dict[tuple[dt.date, str], Spending]
    totals: Spending
    standing: Standing | None = None
    resets_at: dt.datetime | None = None


def read_usage(*, owner: str, first: dt.date, last: dt.date, budget: Budget | None) -> UsageReport:
    """The owner's ledger by day and model. Raises StoreUnavailable."""
    days = usage.by_day_and_model(owner, first, last)
    totals = reduce(add, days.values(), Spending())
    if budget is None:
        return UsageReport(first, last, days, totals)
    from access.budgets.settling import standing

    now = clock.now()
    month = BudgetMonth.at(budget, now)
    return UsageReport(first, last, days, totals, standing(month, now=now, booked=usage.booked), month.resets_at)
