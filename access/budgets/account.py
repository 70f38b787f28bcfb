"""A budget's month as a value: what is spent, and what the turns under way have reserved."""

import datetime as dt
from dataclasses import dataclass, field

from access.budgets.budget import BudgetMonth, Standing

# More would make the item large and every write to it dear.
MOST_LIVE = 300
# A reservation outlives its turn's lease by as much as the clocks of two processes may differ.
CLOCKS_DIFFER = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that one turn can cost, kept free for it until it is settled, or its lease is over for a minute."""

    turn_id: str
    amount_nano_usd: int
    lease_until: dt.datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A budget's month as it is stored; `is_open` says whether it is. All sums in nano-dollars."""

    is_open: bool = False
    committed: int = 0
    unanswered: int = 0
    version: int = 0
    reservations: dict[str, Reservation] = field(default_factory=dict)

    @property
    def reserved(self) -> int:
        return sum(reservation.amount_nano_usd for reservation in self.reservations.values())

    def expired(self, now: dt.datetime) -> list[Reservation]:
        """Reservations of turns that nobody runs any more."""
        return [held for held in self.reservations.values() if held.lease_until + CLOCKS_DIFFER <= now]

    def standing(self, month: BudgetMonth) -> Standing:
        return Standing(month.budget.limit_nano_usd, self.committed - self.reserved, self.reserved)
