"""Budgets of this month: each owner's and those of keys, with what they have paid for."""

import datetime as dt
from decimal import Decimal
from operator import attrgetter

import httpx
import pytest
from pytest_django import Settings

from access.api_key import ApiKey
from access.keys.create_key import create_key
from access.keys.revoke_key import revoke_key
from access.keys.rotate_key import rotate_key
from access.scopes import Scope
from access.store import api_keys
from conversations.domain import Spending
from conversations.services import clock
from conversations.services.staff import budget_keys
from conversations.services.staff.budgets_to_date import (
    MOST_KEYS,
    MOST_OWNERS,
    BudgetsToDate,
    BudgetToDate,
    budgets_of_owner,
    budgets_to_date,
)
from conversations.services.staff.closing_days import first_open_day
from conversations.services.staff.usage_report import usage_report
from tests.access.cast import bearer, key_of
from tests.conversations.admin.calls import calls_made
from tests.conversations.services.staff.booked import PRO, book, it_is, noon
from tests.faulty_dynamodb import FaultyDynamoDB

NANO = 10**9


def chat(api: httpx.Client, headers: dict[str, str]) -> int:
    """One turn; returns its cost in nano-dollars."""
    answer = api.post("/chat", json={"message": "Hello"}, headers=headers).raise_for_status()
    return int(Decimal(answer.json()["usage"]["cost_usd"]) * NANO)


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Closed days are looked up there."""


def test_are_those_of_owners_and_of_keys_the_most_spent_first(api: httpx.Client, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(5)
    own = create_key(owner="alice", name="own", scopes=Scope, monthly_budget_usd=Decimal("0.05"))
    unused = create_key(owner="bob", name="unused", scopes=Scope, monthly_budget_usd=Decimal("0.5"))
    create_key(owner="bob", name="without", scopes=Scope)
    shared = key_of("alice")
    by_owner = chat(api, shared) + chat(api, shared)
    by_key = chat(api, bearer(own.secret))
    alices = BudgetToDate("alice", "", by_owner, 5 * NANO)
    of_key = BudgetToDate("alice", own.key.key_id, by_key, NANO // 20)
    bobs_key = BudgetToDate("bob", unused.key.key_id, 0, NANO // 2)
    assert budgets_to_date(with_keys=True) == BudgetsToDate([of_key, alices, bobs_key], is_whole_month=is_first_day())
    assert budgets_to_date(with_keys=False).budgets == [alices]
    assert budgets_of_owner("alice", with_keys=True) == BudgetsToDate([of_key, alices])
    assert budgets_of_owner("alice", with_keys=False) == BudgetsToDate([alices])
    assert budgets_of_owner("bob", with_keys=True).budgets == [BudgetToDate("bob", "", 0, 5 * NANO), bobs_key]


def is_first_day() -> bool:
    """Whether this month has no day yet that could be copied."""
    return clock.now().day == 1 or first_open_day(clock.now()).day == 1


def test_a_month_whose_budget_came_later_counts_from_its_first_day(api: httpx.Client, settings: Settings) -> None:
    spent = chat(api, key_of("alice"))
    assert budgets_to_date(with_keys=True) == BudgetsToDate([])
    settings.MONTHLY_BUDGET_USD = Decimal(5)
    assert budgets_to_date(with_keys=True).budgets == [BudgetToDate("alice", "", spent, 5 * NANO)]


def test_a_key_and_its_successor_share_a_budget_and_a_revoked_one_has_none(api: httpx.Client) -> None:
    old = create_key(owner="alice", name="a", scopes=Scope, monthly_budget_usd=Decimal(2))
    revoked = create_key(owner="alice", name="b", scopes=Scope, monthly_budget_usd=Decimal(2))
    spent = chat(api, bearer(old.secret))
    new = rotate_key(old.key.key_id, overlap=dt.timedelta(hours=1))
    spent += chat(api, bearer(new.secret))
    revoke_key(revoked.key.key_id)
    of_key = BudgetToDate("alice", old.key.key_id, spent, 2 * NANO)
    assert budgets_to_date(with_keys=True) == budgets_of_owner("alice", with_keys=True) == BudgetsToDate([of_key])


def keys(number: int) -> list[ApiKey]:
    """So many of alice's, each with a budget, as a list has them from its end: ids tell seconds apart."""
    made = (create_key(owner="alice", name="a", scopes=Scope, monthly_budget_usd=Decimal(2)).key for _ in range(number))
    return sorted(made, key=attrgetter("key_id"))


def test_keys_used_last_are_looked_up_and_the_others_counted(tables: None) -> None:
    made = keys(MOST_KEYS + 3)
    api_keys.note_use(made[0], now=clock.now(), every=dt.timedelta(minutes=1))
    for found in (budgets_to_date(with_keys=True), budgets_of_owner("alice", with_keys=True)):
        assert {budget.key_id for budget in found.budgets} == {key.key_id for key in (made[0], *made[4:])}
        assert (found.keys_left_out, found.is_every_key) == (3, True)


def test_only_the_newest_keys_are_looked_through(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_keys, "_PAGE", 2)
    monkeypatch.setattr(budget_keys, "MOST_READ", 4)
    made = [key.key_id for key in keys(5)]
    for found in (budgets_to_date(with_keys=True), budgets_of_owner("alice", with_keys=True)):
        assert sorted(budget.key_id for budget in found.budgets) == sorted(made[1:])
        assert not found.is_every_key


def test_the_dearest_owners_of_the_month_are_looked_up_and_others_near_their_budget_counted(
    dynamodb: FaultyDynamoDB, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    it_is(monkeypatch, noon(dt.date(2026, 11, 23)))
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    for number in range(MOST_OWNERS + 10):
        day = dt.date(2026, 11, 2 + 21 * (number % 2))  # the 2nd, copied, and today
        book(day, f"owner-{number:02}", PRO, Spending(turns=1, cost_nano_usd=(825 - number) * 10**6))
    book(dt.date(2026, 10, 31), "dear-last-month", PRO, Spending(turns=1, cost_nano_usd=9 * NANO))
    usage_report(first=dt.date(2026, 11, 1), last=dt.date(2026, 11, 22))
    dynamodb.requests.clear()
    found = budgets_to_date(with_keys=False)
    assert [budget.owner for budget in found.budgets] == [f"owner-{number:02}" for number in range(MOST_OWNERS)]
    assert (found.owners_near, found.is_whole_month) == (6, True)
    calls = calls_made(dynamodb)
    assert (calls.count("GetItem"), calls.count("Query")) == (MOST_OWNERS, 32 + MOST_OWNERS)


def test_days_that_are_not_copied_are_told(tables: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    it_is(monkeypatch, noon(dt.date(2026, 11, 23)))
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    book(dt.date(2026, 11, 22), "alice", PRO, Spending(turns=1, cost_nano_usd=1))
    assert budgets_to_date(with_keys=True) == BudgetsToDate([], is_whole_month=False)


def test_without_budgets_nobody_is_looked_up(dynamodb: FaultyDynamoDB) -> None:
    dynamodb.requests.clear()
    assert budgets_to_date(with_keys=False) == BudgetsToDate([])
    assert calls_made(dynamodb) == []
