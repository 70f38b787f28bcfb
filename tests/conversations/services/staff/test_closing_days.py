"""Copying closed days: whole or not at all, once, whoever else does it at the same time."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from conversations.models import UsageDay, UsageDaySession, UsageLine
from conversations.services.staff import closing_days
from conversations.services.staff.closing_days import Range, copy_closed, copy_day, copy_day_again, missing_days
from conversations.services.staff.usage_report import usage_report
from conversations.store.tables import UsageRow
from dynamodb_client.errors import StoreUnavailable
from tests.conversations.admin.stored import a_session
from tests.conversations.services.staff.booked import DAY, MICRO, PRO, book, it_is, noon, spending, used
from tests.faulty_dynamodb import FaultyDynamoDB

TODAY = dt.date(2026, 11, 23)
YESTERDAY = TODAY - DAY


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    it_is(monkeypatch, noon(TODAY))


def copied() -> tuple[int, int, int]:
    """How many days, lines and sessions are copied."""
    return UsageDay.objects.count(), UsageLine.objects.count(), UsageDaySession.objects.count()


@pytest.fixture
def a_day(tables: None) -> None:
    """Two lines and a session of yesterday."""
    book(YESTERDAY, "alice", PRO, spending(1))
    book(YESTERDAY, "bob", MICRO, spending(2))
    a_session("s", at=noon(YESTERDAY))


@pytest.mark.django_db
def test_what_breaks_in_the_middle_leaves_nothing(a_day: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_row: UsageDaySession, **_fields: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as breaking:
        breaking.setattr(UsageDaySession, "__init__", broken)
        with pytest.raises(KeyboardInterrupt):
            copy_day(YESTERDAY)
    assert copied() == (0, 0, 0)
    assert copy_day(YESTERDAY)
    assert copied() == (1, 2, 1)


@pytest.mark.django_db
def test_a_day_that_cannot_be_read_whole_is_not_copied(a_day: None, dynamodb: FaultyDynamoDB) -> None:
    book(YESTERDAY, "alice", PRO, spending(1))
    dynamodb.fault("server_error", "Query", times=None, skip=40)
    with pytest.raises(StoreUnavailable):
        copy_day(YESTERDAY)
    assert copied() == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_that_copy_a_day_at_once_one_does(a_day: None, monkeypatch: pytest.MonkeyPatch) -> None:
    read, both = closing_days._read, threading.Barrier(2, timeout=20)

    def read_together(day: dt.date) -> object:
        found = read(day)
        both.wait()
        return found

    def copy() -> bool:
        try:
            return copy_day(YESTERDAY)
        finally:
            connections.close_all()

    monkeypatch.setattr(closing_days, "_read", read_together)
    with ThreadPoolExecutor(2) as pool:
        outcomes = [each.result() for each in [pool.submit(copy), pool.submit(copy)]]
    assert sorted(outcomes) == [False, True]
    assert copied() == (1, 2, 1)
    assert used(usage_report(first=YESTERDAY, last=YESTERDAY)) == [(YESTERDAY, spending(1) + spending(2))]


@pytest.mark.django_db
def test_the_newest_days_are_copied_first(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing_days, "MOST_AT_ONCE", 2)
    days = Range.at(noon(TODAY), first=TODAY - 5 * DAY, last=TODAY)
    assert copy_closed(days) == [TODAY - 5 * DAY, TODAY - 4 * DAY, TODAY - 3 * DAY]
    assert copy_closed(days) == [TODAY - 5 * DAY] == missing_days(days)
    assert copy_closed(days) == []


@pytest.mark.django_db
def test_a_day_copied_again_is_what_the_ledger_says_now(a_day: None) -> None:
    copy_day(YESTERDAY)
    UsageRow("bob", f"{YESTERDAY}#{MICRO}#27").delete()
    book(YESTERDAY, "alice", PRO, spending(5))
    assert not copy_day(YESTERDAY)
    assert used(usage_report(first=YESTERDAY, last=YESTERDAY)) == [(YESTERDAY, spending(1) + spending(2))]
    copy_day_again(YESTERDAY)
    report = usage_report(first=YESTERDAY, last=YESTERDAY)
    assert report.by_owner[0] == ("alice", spending(1) + spending(5))
    copy_day_again(YESTERDAY - DAY)
    assert UsageDay.objects.count() == 2
