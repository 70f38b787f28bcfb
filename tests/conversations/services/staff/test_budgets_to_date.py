"""Budgets of this month: each owner's and those of keys, with what they have paid for."""

import datetime as dt
from decimal import Decimal

import httpx
import pytest
from pytest_django import Settings

from access.keys.create_key import create_key
from access.keys.revoke_key import revoke_key
from access.keys.rotate_key import rotate_key
from access.scopes import Scope
from conversations.services.staff.budgets_to_date import MOST_OWNERS, BudgetToDate, budgets_to_date
from tests.access.cast import bearer, key_of
from tests.conversations.admin.calls import calls_made
from tests.faulty_dynamodb import FaultyDynamoDB

NANO = 10**9


def chat(api: httpx.Client, headers: dict[str, str]) -> int:
    """One turn; returns its cost in nano-dollars."""
    answer = api.post("/chat", json={"message": "Hello"}, headers=headers).raise_for_status()
    return int(Decimal(answer.json()["usage"]["cost_usd"]) * NANO)


def test_are_those_of_owners_and_of_keys(api: httpx.Client, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(5)
    own = create_key(owner="alice", name="own", scopes=Scope, monthly_budget_usd=Decimal(2))
    unused = create_key(owner="bob", name="unused", scopes=Scope, monthly_budget_usd=Decimal("0.5"))
    shared = key_of("alice")
    by_owner = chat(api, shared) + chat(api, shared)
    by_key = chat(api, bearer(own.secret))
    assert budgets_to_date(["bob", "alice"]) == [
        BudgetToDate("bob", "", 0, 5 * NANO),
        BudgetToDate("bob", unused.key.key_id, 0, NANO // 2),
        BudgetToDate("alice", "", by_owner, 5 * NANO),
        BudgetToDate("alice", own.key.key_id, by_key, 2 * NANO),
    ]


def test_a_month_whose_budget_came_later_counts_from_its_first_day(api: httpx.Client, settings: Settings) -> None:
    spent = chat(api, key_of("alice"))
    assert budgets_to_date(["alice"]) == []
    settings.MONTHLY_BUDGET_USD = Decimal(5)
    assert budgets_to_date(["alice"]) == [BudgetToDate("alice", "", spent, 5 * NANO)]


def test_a_key_and_its_successor_share_a_budget_and_a_revoked_one_has_none(api: httpx.Client) -> None:
    old = create_key(owner="alice", name="a", scopes=Scope, monthly_budget_usd=Decimal(2))
    revoked = create_key(owner="alice", name="b", scopes=Scope, monthly_budget_usd=Decimal(2))
    spent = chat(api, bearer(old.secret))
    new = rotate_key(old.key.key_id, overlap=dt.timedelta(hours=1))
    spent += chat(api, bearer(new.secret))
    revoke_key(revoked.key.key_id)
    assert budgets_to_date(["alice"]) == [BudgetToDate("alice", old.key.key_id, spent, 2 * NANO)]


@pytest.mark.parametrize("owners", [3, MOST_OWNERS + 5])
def test_an_owner_without_a_budget_takes_one_call_and_so_many_are_asked_for(
    owners: int, dynamodb: FaultyDynamoDB
) -> None:
    assert budgets_to_date([f"owner-{number}" for number in range(owners)]) == []
    assert calls_made(dynamodb) == ["Query"] * min(owners, MOST_OWNERS)
