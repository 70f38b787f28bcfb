"""Copying closed days: whole or not at all, once, whoever else does it at the same time."""

import datetime as dt
import importlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import connections
from django.db.models import F

from conversations.models import UsageDay, UsageDayModel, UsageDaySession, UsageLine
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


def copied() -> tuple[int, int, int, int]:
    """How many days, lines, sums of models and sessions are copied."""
    days, lines = UsageDay.objects.count(), UsageLine.objects.count()
    return days, lines, UsageDayModel.objects.count(), UsageDaySession.objects.count()


def sums_of_models() -> list[dict[str, object]]:
    """What is kept of each day and model."""
    kept = UsageDayModel.objects.order_by("day", "model_id").values()
    return [{name: value for name, value in row.items() if name != "id"} for row in kept]


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
    assert copied() == (0, 0, 0, 0)
    assert copy_day(YESTERDAY)
    assert copied() == (1, 2, 2, 1)


@pytest.mark.django_db
def test_a_day_that_cannot_be_read_whole_is_not_copied(a_day: None, dynamodb: FaultyDynamoDB) -> None:
    book(YESTERDAY, "alice", PRO, spending(1))
    dynamodb.fault("server_error", "Query", times=None, skip=40)
    with pytest.raises(StoreUnavailable):
        copy_day(YESTERDAY)
    assert copied() == (0, 0, 0, 0)


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
    assert copied() == (1, 2, 2, 1)
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
    assert copied() == (2, 2, 2, 1)


@pytest.mark.django_db
def test_the_sums_of_models_are_those_of_their_lines(a_day: None) -> None:
    book(YESTERDAY, "carol", MICRO, spending(4, errors=2))
    copy_day(YESTERDAY)
    of_day = {"day_id": YESTERDAY, "copied_at": noon(TODAY)}
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_nano_usd", "latency_ms")
    assert sums_of_models() == [
        of_day | {"model_id": MICRO, "turns": 2, "errors": 2} | dict(zip(names, (8, 10, 12, 14, 6, 16), strict=True)),
        of_day | {"model_id": PRO, "turns": 1, "errors": 0} | dict(zip(names, (2, 3, 4, 5, 1, 6), strict=True)),
    ]


@pytest.mark.django_db
def test_the_migration_sums_what_was_copied_before_it(a_day: None) -> None:
    book(YESTERDAY - DAY, "alice", PRO, spending(4))
    book(YESTERDAY, "carol", MICRO, spending(8))
    for day in (YESTERDAY - 2 * DAY, YESTERDAY - DAY, YESTERDAY):
        copy_day(day)
    kept = sums_of_models()
    UsageDayModel.objects.all().delete()
    importlib.import_module("conversations.migrations.0005_models_of_closed_days").sum_days(apps, None)
    assert sums_of_models() == kept
    assert len(kept) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(("model_id", "of_yesterday"), [(None, 3), (MICRO, 2)])
def test_a_day_that_a_release_without_sums_copied_counts_by_its_lines(
    a_day: None, model_id: str | None, of_yesterday: int
) -> None:
    book(YESTERDAY - DAY, "carol", MICRO, spending(4))
    copy_day(YESTERDAY - DAY)
    copy_day(YESTERDAY)
    UsageDayModel.objects.filter(day=YESTERDAY).delete()
    report = usage_report(first=YESTERDAY - DAY, last=YESTERDAY, model_id=model_id)
    assert [spent.cost_nano_usd for _, spent in report.by_day] == [4, of_yesterday]
    assert report.totals.cost_nano_usd == sum(spent.cost_nano_usd for _, spent in report.by_owner) == 4 + of_yesterday


@pytest.mark.django_db
def test_a_day_that_a_release_without_sums_copied_again_counts_by_its_lines(a_day: None) -> None:
    copy_day(YESTERDAY)
    UsageDay.objects.update(copied_at=noon(TODAY) + dt.timedelta(seconds=1))
    UsageLine.objects.update(cost_nano_usd=F("cost_nano_usd") + 10)
    report = usage_report(first=YESTERDAY, last=YESTERDAY)
    assert report.totals.cost_nano_usd == 23
    assert [spent.cost_nano_usd for _, spent in report.by_model] == [12, 11]
