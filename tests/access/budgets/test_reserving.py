"""Before the model is called."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.budgets import accounts
from access.budgets.account import Account
from access.budgets.budget import Budget, BudgetMonth, Standing
from access.errors import BudgetExhausted, RateLimited
from dynamodb_client.errors import StoreUnavailable
from tests.faulty_dynamodb import FaultyDynamoDB, Kind

from .books import NOON, RELEASED, Books, turn

TO_THE_MONTHS_END = dt.datetime(2026, 12, 1, tzinfo=dt.UTC) - NOON


def test_a_reservation_is_taken_out_of_what_is_left(books: Books) -> None:
    first, second = turn(300), turn(700)
    assert books.reserve(first) == Standing(1_000, 0, 300)
    assert books.reserve(second) == Standing(1_000, 0, 1_000)
    assert books.account.reservations == {first.turn_id: first, second.turn_id: second}


def test_what_was_spent_before_the_month_had_an_account_counts(books: Books) -> None:
    books.ledger = 400
    assert books.reserve(turn(600)) == Standing(1_000, 400, 600)


def test_not_a_nano_dollar_more_than_the_budget(books: Books) -> None:
    books.ledger = 400
    with pytest.raises(BudgetExhausted) as refusal:
        books.reserve(turn(601))
    assert refusal.value.retry_after == TO_THE_MONTHS_END.total_seconds()
    assert (books.account.committed, books.account.reservations) == (400, {})
    assert books.reserve(turn(600)).remaining_nano_usd == 0


def test_a_caller_waits_seconds_where_only_turns_under_way_are_in_the_way(books: Books) -> None:
    books.reserve(turn(600))
    with pytest.raises(BudgetExhausted) as refusal:
        books.reserve(turn(500))
    assert refusal.value.retry_after == 5


def test_a_budget_of_nothing_refuses_everything(books: Books) -> None:
    books.limit = 0
    with pytest.raises(BudgetExhausted):
        books.reserve(turn(1))
    with pytest.raises(BudgetExhausted):
        books.refuse_if_spent(1)


def test_turns_that_reserve_at_once_have_no_more_than_the_budget_together(books: Books) -> None:
    def reserve(number: int) -> bool:
        try:
            books.reserve(turn(30, name=f"turn-{number}"))
        except BudgetExhausted:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        taken = sum(pool.map(reserve, range(100)))
    assert taken == 33
    assert (books.account.committed, len(books.account.reservations)) == (990, 33)


def test_more_reservations_than_an_item_should_hold_are_refused(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access.budgets.reserving.MOST_LIVE", 2)
    first = turn(1)
    books.reserve(first)
    books.reserve(turn(1))
    with pytest.raises(RateLimited) as refusal:
        books.reserve(turn(1))
    assert refusal.value.retry_after == 1
    books.answer(first, 1)
    assert books.reserve(turn(1)).reserved_nano_usd == 2


def test_what_a_dead_process_left_is_released_when_its_lease_is_over(books: Books) -> None:
    dead = turn(600)
    books.reserve(dead)
    books.ledger = 50  # it was answered, and died before it was settled
    books.now += RELEASED - dt.timedelta(microseconds=1)
    assert books.reserve(turn(100, begun=books.now)) == Standing(1_000, 0, 700)
    books.now += dt.timedelta(microseconds=1)
    assert books.reserve(turn(100, begun=books.now)) == Standing(1_000, 50, 200)
    assert dead.turn_id not in books.account.reservations


def test_a_refusal_is_reconciled_first_but_once_a_minute_only(books: Books) -> None:
    books.reserve(turn(900))
    books.now += RELEASED
    assert books.reserve(turn(900, begun=books.now)) == Standing(1_000, 0, 900)
    look_ups = books.look_ups
    books.now += RELEASED
    for _ in range(3):
        with pytest.raises(BudgetExhausted):
            books.reserve(turn(900, begun=books.now))
    assert books.look_ups == look_ups


def test_a_look_refuses_what_a_reservation_would_and_reserves_nothing(books: Books) -> None:
    books.refuse_if_spent(1_000)
    with pytest.raises(BudgetExhausted):
        books.refuse_if_spent(1_001)
    assert books.account == Account()
    books.reserve(turn(600))
    books.refuse_if_spent(400)
    with pytest.raises(BudgetExhausted):
        books.refuse_if_spent(401)


def test_a_look_sees_what_has_expired(books: Books) -> None:
    books.reserve(turn(900))
    books.now += RELEASED
    books.refuse_if_spent(1_000)


@pytest.mark.parametrize("kind", ["applied_reset", "applied_hang"])
def test_a_reservation_whose_answer_was_lost_is_recognised(dynamodb: FaultyDynamoDB, books: Books, kind: Kind) -> None:
    books.reserve(turn(1))
    dynamodb.fault(kind, "UpdateItem")
    assert books.reserve(turn(300)) == Standing(1_000, 0, 301)


@pytest.mark.parametrize("kind", ["throttle", "server_error", "reset"])
def test_a_short_fault_is_not_noticed(dynamodb: FaultyDynamoDB, books: Books, kind: Kind) -> None:
    for operation in ("GetItem", "UpdateItem"):
        dynamodb.fault(kind, operation)
    books.refuse_if_spent(1)
    assert books.reserve(turn(600)) == Standing(1_000, 0, 600)


def test_nobody_is_let_through_while_the_table_is_away(dynamodb: FaultyDynamoDB, books: Books) -> None:
    dynamodb.fault("reset", "UpdateItem", times=None)
    with pytest.raises(StoreUnavailable):
        books.reserve(turn(1), seconds=0.1)


def test_a_reservation_stands_though_the_expired_ones_cannot_be_released(
    dynamodb: FaultyDynamoDB, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "OUTAGE_SECONDS", 0.1)
    books.reserve(turn(100))
    books.now += RELEASED
    dynamodb.fault("reset", "GetItem", times=None)
    assert books.reserve(turn(200, begun=books.now)) == Standing(1_000, 0, 300)


def test_a_keys_own_budget_and_its_owners_are_two(books: Books) -> None:
    books.reserve(turn(300))
    own = BudgetMonth.at(Budget(books.owner, 1_000, key_id="key-1"), NOON)
    assert accounts.read(own) == Account()
    assert books.account.committed == 300
