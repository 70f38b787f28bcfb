"""One budget of 1,000 nano-dollars and a ledger, as a turn uses them."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from access.budgets import accounts, reconciling, reserving, settling
from access.budgets.account import CLOCKS_DIFFER, Account, Reservation
from access.budgets.budget import Budget, BudgetMonth, Standing
from core.deadline import Deadline

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LEASE = dt.timedelta(seconds=75)
RELEASED = LEASE + CLOCKS_DIFFER


def turn(amount: int, *, name: str = "", lease: dt.timedelta = LEASE, begun: dt.datetime = NOON) -> Reservation:
    return Reservation(name or uuid.uuid4().hex, amount, begun + lease)


@dataclass
class Books:
    """What turns do to the account, at a time that the test says. `ledger` is what was booked, in nano-dollars."""

    limit: int = 1_000
    owner: str = field(default_factory=lambda: f"owner-{uuid.uuid4().hex}")
    now: dt.datetime = NOON
    ledger: int = 0
    look_ups: int = 0

    @property
    def month(self) -> BudgetMonth:
        return BudgetMonth.at(Budget(self.owner, self.limit), NOON)

    @property
    def account(self) -> Account:
        return accounts.read(self.month)

    def booked(self, month: BudgetMonth) -> int:  # noqa: ARG002  # there is one budget
        self.look_ups += 1
        return self.ledger

    def reserve(self, reservation: Reservation, *, seconds: float = 5) -> Standing:
        return reserving.reserve(
            self.month, reservation, now=self.now, booked=self.booked, deadline=Deadline.after(seconds)
        )

    def refuse_if_spent(self, least: int) -> None:
        reserving.refuse_if_spent(self.month, least=least, now=self.now, booked=self.booked)

    def settle(self, reservation: Reservation, cost: int, *, seconds: float = 5) -> Standing:
        deadline = Deadline.after(seconds)
        return settling.settle_answered(
            self.month, reservation, cost=cost, now=self.now, booked=self.booked, deadline=deadline
        )

    def answer(self, reservation: Reservation, cost: int) -> Standing:
        """The turn ends well: it is booked, then settled."""
        self.ledger += cost
        return self.settle(reservation, cost)

    def fail(self, reservation: Reservation, cost: int, *, seconds: float = 5) -> None:
        deadline = Deadline.after(seconds)
        settling.settle_unanswered(self.month, reservation, cost=cost, now=self.now, deadline=deadline)

    def reconcile(self) -> Account:
        return reconciling.reconcile(self.month, now=self.now, booked=self.booked)

    def standing(self) -> Standing:
        return settling.standing(self.month, now=self.now, booked=self.booked)
