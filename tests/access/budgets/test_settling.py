"""When it is known what a turn cost."""

import datetime as dt

import pytest

from access.budgets import accounts
from access.budgets.account import Account
from access.budgets.budget import Budget, BudgetMonth, Standing
from dynamodb_client.errors import StoreUnavailable
from tests.faulty_dynamodb import FaultyDynamoDB, Kind

from .books import RELEASED, Books, turn


def test_an_answer_takes_the_place_of_its_reservation(books: Books) -> None:
    answered = turn(600)
    books.reserve(answered)
    assert books.answer(answered, 120) == Standing(1_000, 120, 0)
    assert (books.account.committed, books.account.unanswered, books.account.reservations) == (120, 0, {})


def test_settling_twice_changes_nothing(books: Books) -> None:
    first, second = turn(600), turn(300)
    books.reserve(first)
    books.reserve(second)
    books.answer(first, 120)
    books.fail(second, 30)
    before = (books.account.committed, books.account.unanswered)
    books.settle(first, 120)
    books.fail(second, 30)
    assert before == (150, 30) == (books.account.committed, books.account.unanswered)


def test_a_turn_without_an_answer_costs_what_was_billed_and_reconciling_remembers_it(books: Books) -> None:
    failed = turn(600)
    books.reserve(failed)
    books.fail(failed, 80)
    assert books.standing() == Standing(1_000, 80, 0)
    books.reconcile()
    assert books.standing() == Standing(1_000, 80, 0)


def test_an_answer_of_a_turn_that_was_released_meanwhile_counts(books: Books) -> None:
    slow = turn(600)
    books.reserve(slow)
    books.now += RELEASED
    books.reserve(turn(10, begun=books.now))
    assert slow.turn_id not in books.account.reservations
    assert books.answer(slow, 120) == Standing(1_000, 120, 10)


def test_a_failure_of_a_turn_that_was_released_meanwhile_counts(books: Books) -> None:
    slow = turn(600)
    books.reserve(slow)
    books.now += RELEASED
    books.reserve(turn(10, begun=books.now))
    books.fail(slow, 80)
    assert books.standing() == Standing(1_000, 80, 10)
    books.reconcile()
    assert books.standing() == Standing(1_000, 80, 10)


def test_a_clock_that_is_ahead_loses_no_answer(books: Books) -> None:
    answered = turn(600)
    books.reserve(answered)
    right = books.now
    books.now += RELEASED + dt.timedelta(hours=1)
    books.reserve(turn(10, begun=books.now))
    books.now = right
    assert books.answer(answered, 120) == Standing(1_000, 120, 10)


@pytest.mark.parametrize("kind", ["applied_reset", "applied_hang"])
def test_a_settlement_whose_answer_was_lost_is_made_once(dynamodb: FaultyDynamoDB, books: Books, kind: Kind) -> None:
    answered, failed = turn(600), turn(200)
    books.reserve(answered)
    books.reserve(failed)
    dynamodb.fault(kind, "UpdateItem")
    assert books.answer(answered, 120) == Standing(1_000, 120, 200)
    dynamodb.fault(kind, "UpdateItem")
    books.fail(failed, 30)
    assert books.standing() == Standing(1_000, 150, 0)


def test_a_settlement_that_was_lost_is_made_good_when_its_reservation_expires(
    dynamodb: FaultyDynamoDB, books: Books
) -> None:
    answered = turn(600)
    books.reserve(answered)
    books.ledger = 120
    dynamodb.fault("reset", "UpdateItem", times=None)
    with pytest.raises(StoreUnavailable):
        books.settle(answered, 120, seconds=0.1)
    dynamodb.recover()
    assert books.standing() == Standing(1_000, 0, 600)
    books.now += RELEASED
    assert books.standing() == Standing(1_000, 120, 0)


def test_a_turn_that_began_before_the_months_end_is_paid_by_that_month(books: Books) -> None:
    last = turn(600)
    books.reserve(last)
    books.now = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    books.answer(last, 120)
    december = BudgetMonth.at(Budget(books.owner, books.limit), books.now)
    assert accounts.read(december) == Account()
    assert books.account.committed == 120


def test_a_month_without_an_account_stands_as_the_ledger_says(books: Books) -> None:
    books.ledger = 250
    assert books.standing() == Standing(1_000, 250, 0)
    assert not books.account.is_open
