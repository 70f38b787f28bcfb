"""How the budgets of this month stand: those of owners, and those that API keys have of their own.

Each is looked up in its account, and there may be many. So only those are looked up that are most likely near their
limit: of the dearest owners of the month, because every owner has the same budget, and of the keys used last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.conf import settings

from access.budgets.budget import WARNING_PERCENT, Budget, BudgetMonth, budget_of
from access.budgets.settling import standing
from access.callers import Caller
from conversations.services import clock
from conversations.services.staff.budget_keys import KeyBudgets, key_budgets
from conversations.services.staff.budget_owners import owners_of_month
from conversations.services.staff.usage_reading import OpenDays
from conversations.store import usage
from conversations.store.staff.shards import every_shard

# Looked up at most; each takes a call or two.
MOST_OWNERS = 20
MOST_KEYS = 20


@dataclass(frozen=True, slots=True)
class BudgetToDate:
    """A budget and what it has paid for in this month (UTC) so far, turns without an answer among it.

    `key_id` names an API key that has a budget of its own beside its owner's, and is empty for the owner's.
    """

    owner: str
    key_id: str
    spent_nano_usd: int
    limit_nano_usd: int

    @property
    def share(self) -> Fraction:
        """What is spent of it, 1 for all; a budget of nothing is spent from the start."""
        return Fraction(self.spent_nano_usd, self.limit_nano_usd) if self.limit_nano_usd else Fraction(1)


@dataclass(frozen=True, slots=True)
class BudgetsToDate:
    """This month's budgets, the most spent first, and what was not looked up.

    `owners_near` is how many further owners are by the ledger near their budget or over it, `keys_left_out` how many
    keys have one too. Not `is_every_key` where there are more keys than are looked through, and not `is_whole_month`
    while days of the month are left to copy: they count for nobody's place among the dearest.
    """

    budgets: list[BudgetToDate]
    owners_near: int = 0
    keys_left_out: int = 0
    is_every_key: bool = True
    is_whole_month: bool = True


def budgets_to_date(*, with_keys: bool, open_days: OpenDays | None = None) -> BudgetsToDate:
    """Those of the MOST_OWNERS dearest owners and of the MOST_KEYS keys used last. Raises StoreUnavailable."""
    keys = key_budgets() if with_keys else KeyBudgets([])
    if settings.MONTHLY_BUDGET_USD is None:
        return _looked_up([], keys)
    month = owners_of_month(open_days or OpenDays())
    owners = [owner for owner, _ in month.costs[:MOST_OWNERS]]
    near = [owner for owner, cost in month.costs[MOST_OWNERS:] if _is_near(owner, cost)]
    return _looked_up(owners, keys, owners_near=len(near), is_whole_month=month.is_whole)


def budgets_of_owner(owner: str, *, with_keys: bool) -> BudgetsToDate:
    """Those of one owner and its keys. Raises StoreUnavailable."""
    return _looked_up([owner], key_budgets(owner) if with_keys else KeyBudgets([]))


def _looked_up(
    owners: Iterable[str], keys: KeyBudgets, *, owners_near: int = 0, is_whole_month: bool = True
) -> BudgetsToDate:
    budgets = [budget for owner in owners if (budget := _of_owner(owner))] + keys.budgets[:MOST_KEYS]
    found = every_shard(lambda number: _to_date(budgets[number]), shards=len(budgets))
    found.sort(key=lambda each: (-each.share, -each.spent_nano_usd, each.owner, each.key_id))
    return BudgetsToDate(found, owners_near, len(keys.budgets[MOST_KEYS:]), keys.is_all, is_whole_month)


def _of_owner(owner: str) -> Budget | None:
    return budget_of(Caller(owner, frozenset()))


def _is_near(owner: str, cost: int) -> bool:
    budget = _of_owner(owner)
    return budget is not None and cost * 100 >= budget.limit_nano_usd * WARNING_PERCENT


def _to_date(budget: Budget) -> BudgetToDate:
    now = clock.now()
    spent = standing(BudgetMonth.at(budget, now), now=now, booked=usage.booked).spent_nano_usd
    return BudgetToDate(budget.owner, budget.key_id, spent, budget.limit_nano_usd)
