"""Who pays for a turn, how much a month at most, and how that stands. Money is integer nano-dollars, months are UTC."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from access.callers import Caller

NANO = 10**9
# From this share of the budget on, answers carry headers that say what is left.
WARNING_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit for each month, in nano-dollars.

    All callers of an owner share one; `key_id` names an API key that has its own beside it, and is empty otherwise.
    """

    owner: str
    limit_nano_usd: int
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class BudgetMonth:
    """A budget in one month, which begins on the day `first`."""

    budget: Budget
    first: dt.date

    @classmethod
    def at(cls, budget: Budget, moment: dt.datetime) -> "BudgetMonth":
        """The budget in the month of this moment."""
        return cls(budget, moment.astimezone(dt.UTC).date().replace(day=1))

    @property
    def last(self) -> dt.date:
        """The month's last day."""
        return self.resets_at.date() - dt.timedelta(days=1)

    @property
    def resets_at(self) -> dt.datetime:
        """When the month is over and the budget whole again."""
        next_first = (self.first + dt.timedelta(days=31)).replace(day=1)
        return dt.datetime.combine(next_first, dt.time(), dt.UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget at one moment: what was spent in the month, and what the turns under way may cost at most."""

    limit_nano_usd: int
    spent_nano_usd: int
    reserved_nano_usd: int

    @property
    def remaining_nano_usd(self) -> int:
        """What a further turn may cost; never negative, also when the limit was lowered below what is spent."""
        return max(self.limit_nano_usd - self.spent_nano_usd - self.reserved_nano_usd, 0)

    @property
    def is_low(self) -> bool:
        """Whether the caller should be warned."""
        return (self.limit_nano_usd - self.remaining_nano_usd) * 100 >= self.limit_nano_usd * WARNING_PERCENT


def budget_of(caller: Caller) -> Budget | None:
    """The budget that pays for this caller: its key's own, or MONTHLY_BUDGET_USD of its owner; None for no limit."""
    own = caller.monthly_budget_nano_usd
    if own is not None:
        return Budget(caller.owner, own, key_id=caller.credential_id)
    every = settings.MONTHLY_BUDGET_USD
    return None if every is None else Budget(caller.owner, int(every * NANO))
