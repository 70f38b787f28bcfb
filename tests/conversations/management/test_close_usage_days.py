"""`manage.py close_usage_days`, which may be run again."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conversations.models import UsageDaySession
from conversations.services.erase_session import erase_session
from conversations.services.staff.usage_report import usage_report
from conversations.store.staff import heads
from core.deadline import Deadline
from tests.conversations.admin.stored import a_session
from tests.conversations.services.staff.booked import DAY, PRO, book, it_is, noon, spending
from tests.faulty_dynamodb import FaultyDynamoDB

TODAY = dt.date(2026, 11, 23)
YESTERDAY = TODAY - DAY
NOBODY_GONE = "Sessions that are gone, forgotten: 0.\n"


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
    assert close_usage_days("--days", "3") == f"{closed} Copied: 3. Copied before: 0.\n{NOBODY_GONE}"
    book(YESTERDAY, "alice", PRO, spending(1))
    assert close_usage_days("--days", "4") == f"{closed} Copied: 1. Copied before: 3.\n{NOBODY_GONE}"
    assert cost() == 1
    assert close_usage_days("--days", "1", "--again") == f"{closed} Copied: 1. Copied before: 0.\n{NOBODY_GONE}"
    assert cost() == 2


def test_says_how_far_it_came_when_dynamodb_goes_away(dynamodb: FaultyDynamoDB) -> None:
    dynamodb.fault("server_error", "Query", times=None, skip=48)
    with pytest.raises(CommandError, match="1 days were copied"):
        close_usage_days("--days", "2")
    dynamodb.recover()
    assert "Copied: 1. Copied before: 1." in close_usage_days("--days", "2")


def test_forgets_sessions_that_callers_erased_or_that_expired(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "BATCH", 3)
    for number in range(8):
        a_session(f"s{number}", at=noon(YESTERDAY), cost_nano_usd=5)
        a_session(f"old{number}", at=noon(YESTERDAY - DAY), cost_nano_usd=5)
    close_usage_days("--days", "2")
    assert UsageDaySession.objects.count() == 16
    for session_id in ("s1", "old2", "old7"):
        erase_session(owner="alice", session_id=session_id, deadline=Deadline.after(10))
    a_session("s5", at=noon(YESTERDAY), expires_at=int(noon(TODAY).timestamp()))
    a_session("s6", at=noon(TODAY))  # went on, and is no session of that day any more, but is there
    assert close_usage_days("--days", "2").endswith("Sessions that are gone, forgotten: 4.\n")
    kept = set(UsageDaySession.objects.values_list("session_id", flat=True))
    assert kept == {f"{name}{number}" for name in ("s", "old") for number in range(8)} - {"s1", "s5", "old2", "old7"}
    assert close_usage_days("--days", "2").endswith(NOBODY_GONE)


@pytest.mark.parametrize("days", ["0", "3661"])
def test_takes_no_senseless_number_of_days(days: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 3660"):
        close_usage_days("--days", days)
