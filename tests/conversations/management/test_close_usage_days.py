"""`manage.py close_usage_days`, which may be run again."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conversations.services.staff.usage_report import usage_report
from tests.conversations.services.staff.booked import DAY, PRO, book, it_is, noon, spending
from tests.faulty_dynamodb import FaultyDynamoDB

TODAY = dt.date(2026, 11, 23)
YESTERDAY = TODAY - DAY


@pytest.fixture(autouse=True)
def _noon(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    it_is(monkeypatch, noon(TODAY))


def close_usage_days(*arguments: str) -> str:
    out = StringIO()
    call_command("close_usage_days", *arguments, stdout=out)
    return out.getvalue()


def cost() -> int:
    return usage_report(first=YESTERDAY, last=YESTERDAY).totals.cost_nano_usd


def test_copies_what_is_missing_and_nothing_twice(tables: None) -> None:
    closed = "Days up to 2026-11-22 are closed."
    book(YESTERDAY, "alice", PRO, spending(1))
    assert close_usage_days("--days", "3") == f"{closed} Copied: 3. Copied before: 0.\n"
    book(YESTERDAY, "alice", PRO, spending(1))
    assert close_usage_days("--days", "4") == f"{closed} Copied: 1. Copied before: 3.\n"
    assert cost() == 1
    assert close_usage_days("--days", "1", "--again") == f"{closed} Copied: 1. Copied before: 0.\n"
    assert cost() == 2


def test_says_how_far_it_came_when_dynamodb_goes_away(dynamodb: FaultyDynamoDB) -> None:
    dynamodb.fault("server_error", "Query", times=None, skip=48)
    with pytest.raises(CommandError, match="1 days were copied"):
        close_usage_days("--days", "2")
    dynamodb.recover()
    assert "Copied: 1. Copied before: 1." in close_usage_days("--days", "2")


@pytest.mark.parametrize("days", ["0", "3661"])
def test_takes_no_senseless_number_of_days(days: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 3660"):
        close_usage_days("--days", days)
