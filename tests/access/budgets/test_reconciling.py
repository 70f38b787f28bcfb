"""Whatever turns do, and whatever happens while an account is worked out anew: it never holds less than the truth."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.budgets.account import Reservation
from access.budgets.budget import BudgetMonth, Standing
from access.budgets.reconciling import Lately
from access.errors import BudgetExhausted

from .books import LEASE, RELEASED, Books, turn

Step = tuple[str, int]
STEP = st.tuples(
    st.sampled_from(["reserve", "reserve and die", "answer and die", "book", "settle", "settle again", "fail", "wait"]),
    st.integers(0, 400),
)
STEPS = st.lists(STEP, max_size=4)
# Before the ledger is read, and between that and the write.
RECONCILING = st.tuples(st.just("reconcile"), STEPS, STEPS)


@dataclass
class Turns(Books):
    """Turns under way beside the account, and what must hold of both."""

    reserved: list[Reservation] = field(default_factory=list)
    booked_turns: list[tuple[Reservation, int]] = field(default_factory=list)
    settled: list[tuple[Reservation, int]] = field(default_factory=list)
    unanswered: int = 0
    meanwhile: tuple[list[Step], list[Step]] = ([], [])

    @property
    def truth(self) -> int:
        """What was spent, and what turns under way may still spend."""
        return self.ledger + self.unanswered + sum(held.amount_nano_usd for held in self.reserved)

    def booked(self, month: BudgetMonth) -> int:  # noqa: ARG002  # there is one budget
        before, behind = self.meanwhile
        self.meanwhile = ([], [])
        for step in before:
            self.play(step)
        said = self.ledger
        for step in behind:
            self.play(step)
        return said

    def play(self, step: Step) -> None:
        name, number = step
        self.steps[name](number)
        assert self.truth <= self.limit
        assert self.account.committed >= self.truth

    @property
    def steps(self) -> dict[str, Callable[[int], Any]]:
        return {
            "reserve": self._reserve,
            "reserve and die": lambda amount: self._reserve(amount, dies=True),
            "answer and die": lambda amount: self._reserve(amount, dies=True, cost=amount // 3),
            "book": self._book,
            "settle": self._settle,
            "settle again": self._settle_again,
            "fail": self._fail,
            "wait": self._wait,
        }

    def _reserve(self, amount: int, *, dies: bool = False, cost: int = 0) -> None:
        wanted = turn(amount, begun=self.now, lease=LEASE if dies else LEASE * 1_000)
        try:
            self.reserve(wanted)
        except BudgetExhausted:
            return
        self.ledger += cost
        if not dies:
            self.reserved.append(wanted)

    def _book(self, number: int) -> None:
        if self.reserved:
            of = self.reserved.pop(number % len(self.reserved))
            cost = number % (of.amount_nano_usd + 1)
            self.ledger += cost
            self.booked_turns.append((of, cost))

    def _settle(self, number: int) -> None:
        if self.booked_turns:
            self.settled.append(self.booked_turns.pop(number % len(self.booked_turns)))
            self.settle(*self.settled[-1])

    def _settle_again(self, number: int) -> None:
        if self.settled:
            self.settle(*self.settled[number % len(self.settled)])

    def _fail(self, number: int) -> None:
        if self.reserved:
            of = self.reserved.pop(number % len(self.reserved))
            cost = number % (of.amount_nano_usd + 1)
            self.fail(of, cost)
            self.unanswered += cost

    def _wait(self, _: int) -> None:
        self.now += RELEASED


@pytest.mark.usefixtures("tables")
@given(steps=st.lists(st.one_of(STEP, RECONCILING), max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_account_never_holds_less_than_the_truth_and_in_the_end_exactly_that(
    monkeypatch: pytest.MonkeyPatch, steps: list[Any]
) -> None:
    monkeypatch.setattr("access.budgets.reconciling.lately", Lately())
    turns = Turns()
    for step in steps:
        if step[0] == "reconcile":
            turns.meanwhile = step[1:]
            turns.reconcile()
            turns.meanwhile = ([], [])
        else:
            turns.play(step)
        assert turns.account.committed >= turns.truth
    for held in list(turns.reserved):
        turns.play(("book", held.amount_nano_usd))
    while turns.booked_turns:
        turns.play(("settle", 0))
    turns.play(("wait", 0))
    turns.reconcile()
    account = turns.account
    assert (account.committed, account.reservations) == (turns.truth, {})


def test_what_is_reserved_while_the_ledger_is_read_is_not_lost(books: Books) -> None:
    books.reserve(turn(100))
    read = books.booked
    late = turn(200)

    def booked(month: BudgetMonth) -> int:
        said = read(month)
        if late.turn_id not in books.account.reservations:
            books.reserve(late)
        return said

    books.booked = booked  # type: ignore[method-assign]  # another turn comes in between
    assert books.reconcile().committed == 300


def test_gives_way_when_others_write_every_time(books: Books) -> None:
    books.reserve(turn(1))

    def booked(month: BudgetMonth) -> int:
        books.reserve(turn(1))
        return 0

    books.booked = booked  # type: ignore[method-assign]  # other turns come in between every time
    assert books.reconcile().committed == 4
    assert books.account.committed == 4


def test_a_turn_that_is_booked_and_not_yet_settled_is_not_counted_twice(books: Books) -> None:
    booked = turn(600)
    books.reserve(booked)
    books.ledger = 120
    assert books.reconcile().committed == 600
    assert books.settle(booked, 120) == Standing(1_000, 120, 0)


def test_what_was_spent_while_there_was_no_budget_counts(books: Books) -> None:
    books.reserve(turn(100))
    books.ledger = 500
    assert books.reconcile().committed == 600
