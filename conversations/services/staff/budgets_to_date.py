"""How the budgets of this month stand: those of owners, and those that API keys have of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from access.budgets.budget import Budget, BudgetMonth, budget_of
from access.budgets.settling import standing
from access.callers import Caller
from access.keys.find_keys import list_keys
from conversations.services import clock
from conversations.store import usage
from conversations.store.staff.shards import every_shard

# Each owner takes two or three calls, and one for each budget of a key.
MOST_OWNERS = 20
# The newest of an owner.
_MOST_KEYS = 50


@dataclass(frozen=True, slots=True)
class BudgetToDate:
    """A budget and what it has paid for in this month (UTC) so far, turns without an answer among it.

    `key_id` names an API key that has a budget of its own beside its owner's, and is empty for the owner's.
    """

    owner: str
    key_id: str
    spent_nano_usd: int
    limit_nano_usd: int


def budgets_to_date(owners: Sequence[str]) -> list[BudgetToDate]:
    """This month's budgets of these owners, MOST_OWNERS at most, in their order: each owner's, then those of keys.

    Where there is no limit there is no budget. Of keys, those among an owner's newest that let somebody in; a key and
    its successors share one budget. Raises StoreUnavailable.
    """
    owners = owners[:MOST_OWNERS]
    found = every_shard(lambda number: _of_owner(owners[number]), shards=len(owners))
    return [budget for of_owner in found for budget in of_owner]


def _of_owner(owner: str) -> list[BudgetToDate]:
    own = budget_of(Caller(owner, frozenset()))
    budgets = [own] if own else []
    return [_to_date(budget) for budget in (*budgets, *_of_keys(owner))]


def _of_keys(owner: str) -> list[Budget]:
    """Newest first; of a key that was rotated, as its newest successor has it."""
    now = clock.now()
    budgets: dict[str, Budget] = {}
    for key in list_keys(owner=owner, limit=_MOST_KEYS).keys:
        limit = key.monthly_budget_nano_usd
        if limit is not None and key.state(now) == "active":
            budgets.setdefault(key.account_id, Budget(owner, limit, key_id=key.account_id))
    return list(budgets.values())


def _to_date(budget: Budget) -> BudgetToDate:
    now = clock.now()
    spent = standing(BudgetMonth.at(budget, now), now=now, booked=usage.booked).spent_nano_usd
    return BudgetToDate(budget.owner, budget.key_id, spent, budget.limit_nano_usd)
