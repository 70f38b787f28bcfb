"""Whose budget it is, its month, and when it is low."""

import datetime as dt
from decimal import Decimal

import pytest
from pytest_django import Settings

from access.budgets.budget import Budget, BudgetMonth, Standing, budget_of
from access.callers import Caller
from access.scopes import ALL_SCOPES

ALICE = Caller("alice", ALL_SCOPES, credential_id="key-1")


def test_a_caller_without_a_limit_has_no_budget(settings: Settings) -> None:
    settings.MONTHLY_BUDGET_USD = None
    assert budget_of(ALICE) is None


@pytest.mark.parametrize(("usd", "nano"), [("12.5", 12_500_000_000), ("0", 0), ("0.000000001", 1)])
def test_all_callers_of_an_owner_share_the_budget_of_the_settings(settings: Settings, usd: str, nano: int) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(usd)
    assert budget_of(ALICE) == Budget("alice", nano)


@pytest.mark.parametrize("nano", [0, 7])
def test_a_key_with_a_budget_of_its_own_is_bound_by_that_alone(settings: Settings, nano: int) -> None:
    settings.MONTHLY_BUDGET_USD = Decimal(1)
    own = Caller("alice", ALL_SCOPES, monthly_budget_nano_usd=nano, credential_id="key-1")
    assert budget_of(own) == Budget("alice", nano, key_id="key-1")


@pytest.mark.parametrize(
    ("moment", "first", "last", "resets_at"),
    [
        ("2026-11-30T23:59:59.999999+00:00", "2026-11-01", "2026-11-30", "2026-12-01T00:00:00+00:00"),
        ("2026-12-01T00:00:00+00:00", "2026-12-01", "2026-12-31", "2027-01-01T00:00:00+00:00"),
        ("2028-02-29T12:00:00+00:00", "2028-02-01", "2028-02-29", "2028-03-01T00:00:00+00:00"),
        ("2026-12-01T00:30:00+01:00", "2026-11-01", "2026-11-30", "2026-12-01T00:00:00+00:00"),
    ],
)
def test_months_are_those_of_utc(moment: str, first: str, last: str, resets_at: str) -> None:
    month = BudgetMonth.at(Budget("alice", 1), dt.datetime.fromisoformat(moment))
    assert (month.first.isoformat(), month.last.isoformat(), month.resets_at.isoformat()) == (first, last, resets_at)


@pytest.mark.parametrize(
    ("limit", "spent", "reserved", "remaining", "is_low"),
    [
        (1_000, 0, 0, 1_000, False),
        (1_000, 500, 299, 201, False),
        (1_000, 500, 300, 200, True),
        (1_000, 1_000, 0, 0, True),
        (1_000, 1_200, 300, 0, True),
        (0, 0, 0, 0, True),
    ],
)
def test_a_budget_is_low_from_80_percent(limit: int, spent: int, reserved: int, remaining: int, is_low: bool) -> None:
    standing = Standing(limit, spent, reserved)
    assert (standing.remaining_nano_usd, standing.is_low) == (remaining, is_low)
