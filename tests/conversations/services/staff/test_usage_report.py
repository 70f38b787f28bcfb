"""The report of usage: open days from the ledger, closed ones from their copies, and not a nano-dollar between them."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bedrock_client import Usage
from conversations.domain import LedgerLine, Spending
from conversations.errors import UsageIncomplete
from conversations.services.staff import closing_days
from conversations.services.staff.usage_figures import Figure
from conversations.services.staff.usage_reading import OpenDays
from conversations.services.staff.usage_report import MAX_DAYS, MOST_OWNERS, UsageReport, usage_lines, usage_report
from dynamodb_client.errors import StoreUnavailable
from tests.conversations.admin.calls import calls_made
from tests.conversations.services.staff.booked import DAY, MICRO, NOTHING, PRO, book, it_is, noon, spending, used
from tests.faulty_dynamodb import FaultyDynamoDB

TODAY = dt.date(2026, 11, 23)
YESTERDAY = TODAY - DAY
# A closed day: its ledger and its sessions. An open one: its ledger.
OF_CLOSED_DAY, OF_OPEN_DAY = ["Query"] * (32 + 16), ["Query"] * 32


@pytest.fixture(autouse=True)
def _noon(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    it_is(monkeypatch, noon(TODAY))


def test_of_nothing_is_every_day_with_nothing(tables: None) -> None:
    assert usage_report(first=YESTERDAY, last=TODAY + DAY) == UsageReport(
        first=YESTERDAY,
        last=TODAY + DAY,
        totals=NOTHING,
        by_day=[(YESTERDAY, NOTHING), (TODAY, NOTHING), (TODAY + DAY, NOTHING)],
        by_model=[],
        by_owner=[],
        owner_count=0,
        copied_at=(noon(TODAY), noon(TODAY)),
        read_at=noon(TODAY),
        missing_days=[],
        unread_days=[],
    )


def test_sums_open_and_closed_days_over_shards_models_and_owners(tables: None) -> None:
    a, b, c, d = spending(7_000_000_001), spending(300, errors=2), spending(50), spending(2, turns=3)
    book(YESTERDAY, "alice", PRO, a, session_id="one")
    book(YESTERDAY, "alice", PRO, b, session_id="two")
    book(YESTERDAY, "bob", MICRO, c)
    book(TODAY, "alice", MICRO, d)
    book(TODAY + 2 * DAY, "alice", PRO, a)
    assert usage_report(first=YESTERDAY, last=TODAY) == UsageReport(
        first=YESTERDAY,
        last=TODAY,
        totals=a + b + c + d,
        by_day=[(YESTERDAY, a + b + c), (TODAY, d)],
        by_model=[(PRO, a + b), (MICRO, c + d)],
        by_owner=[("alice", a + b + d), ("bob", c)],
        owner_count=2,
        copied_at=(noon(TODAY), noon(TODAY)),
        read_at=noon(TODAY),
        missing_days=[],
        unread_days=[],
    )


@pytest.mark.parametrize(
    ("restriction", "of_yesterday", "of_today"),
    [({"owner": "alice"}, 1, 16), ({"model_id": MICRO}, 6, 96), ({"owner": "bob", "model_id": MICRO}, 4, 64)],
)
def test_is_restricted_to_an_owner_and_a_model(
    restriction: dict[str, Any], of_yesterday: int, of_today: int, tables: None
) -> None:
    rows = [("alice", PRO, 1), ("carol", MICRO, 2), ("bob", MICRO, 4), ("bob", PRO, 8)]
    for owner, model_id, cost in rows:
        book(YESTERDAY, owner, model_id, spending(cost))
        book(TODAY, owner, model_id, spending(16 * cost))
    report = usage_report(first=YESTERDAY, last=TODAY, **restriction)
    costs = [spent.cost_nano_usd for _, spent in report.by_day]
    assert costs == [of_yesterday, of_today]
    lines = list(usage_lines(first=YESTERDAY, last=TODAY, **restriction))
    assert sum(line.spending.cost_nano_usd for line in lines) == sum(costs)


def test_lines_come_by_day_owner_and_model(tables: None) -> None:
    booked = [
        LedgerLine(day, owner, model_id, spending(number))
        for number, (day, owner, model_id) in enumerate(
            (day, owner, model_id) for day in (YESTERDAY, TODAY) for owner in ("a", "b#c") for model_id in (MICRO, PRO)
        )
    ]
    for line in reversed(booked):
        book(line.day, line.owner, line.model_id, line.spending)
    assert list(usage_lines(first=YESTERDAY - DAY, last=TODAY)) == booked


def test_names_the_dearest_owners_and_counts_all(tables: None) -> None:
    for number in range(MOST_OWNERS + 2):
        book(TODAY, f"owner-{number}", PRO, spending(number + 1))
    report = usage_report(first=TODAY, last=TODAY)
    assert [owner for owner, _ in report.by_owner] == [f"owner-{number}" for number in range(MOST_OWNERS + 1, 1, -1)]
    assert report.owner_count == MOST_OWNERS + 2


def test_takes_so_many_calls_however_many_sessions_there_are(dynamodb: FaultyDynamoDB) -> None:
    for sessions in (1, 300):
        for number in range(sessions):
            book(TODAY, "alice", PRO, spending(1), session_id=f"s{number}")
        dynamodb.requests.clear()
        usage_report(first=TODAY, last=TODAY)
        assert calls_made(dynamodb) == OF_OPEN_DAY


def test_a_closed_day_is_read_once(dynamodb: FaultyDynamoDB) -> None:
    book(YESTERDAY, "alice", PRO, spending(1))
    for calls in (OF_CLOSED_DAY, []):
        dynamodb.requests.clear()
        report = usage_report(first=YESTERDAY, last=YESTERDAY)
        assert (used(report), report.read_at) == ([(YESTERDAY, spending(1))], None)
        assert calls_made(dynamodb) == calls
    book(YESTERDAY, "alice", PRO, spending(1))
    assert usage_report(first=YESTERDAY, last=YESTERDAY) == report


@pytest.mark.parametrize(("restriction", "sums_of_lines"), [({}, 1), ({"model_id": PRO}, 1), ({"owner": "alice"}, 2)])
def test_lines_of_closed_days_are_summed_for_owners_alone(
    tables: None, restriction: dict[str, Any], sums_of_lines: int
) -> None:
    book(YESTERDAY, "alice", PRO, spending(1))
    usage_report(first=YESTERDAY, last=YESTERDAY)
    with CaptureQueriesContext(connection) as queries:
        usage_report(first=YESTERDAY, last=YESTERDAY, **restriction)
    assert len([each for each in queries if "conversations_usageline" in each["sql"]]) == sums_of_lines


@pytest.mark.parametrize(
    ("figure", "names"),
    [
        (Figure.COST, ["dear", "slow", "busy", "wordy", "broken"]),
        (Figure.TURNS, ["busy", "broken", "dear", "slow", "wordy"]),
        (Figure.FAILED, ["broken", "dear", "slow", "busy", "wordy"]),
        (Figure.TOKENS, ["wordy", "dear", "slow", "busy", "broken"]),
        (Figure.LATENCY, ["slow", "dear", "busy", "wordy", "broken"]),
    ],
)
def test_models_and_owners_stand_with_the_most_of_a_figure_first(
    tables: None, figure: Figure, names: list[str]
) -> None:
    most = {
        "dear": Spending(turns=1, cost_nano_usd=9),
        "slow": Spending(turns=1, cost_nano_usd=8, latency_ms=900),
        "busy": Spending(turns=9, cost_nano_usd=7, latency_ms=0),
        "wordy": Spending(turns=1, usage=Usage(1, 1, 1, 1), cost_nano_usd=6),
        "broken": Spending(turns=0, errors=5),
    }
    for name, spent in most.items():
        book(TODAY, name, name, spent)
    report = usage_report(first=TODAY, last=TODAY, figure=figure)
    assert [name for name, _ in report.by_owner] == names
    assert [name for name, _ in report.by_model] == names


def test_says_between_when_closed_days_were_copied(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = noon(TODAY) - dt.timedelta(hours=3)
    it_is(monkeypatch, earlier)
    usage_report(first=YESTERDAY, last=YESTERDAY)
    it_is(monkeypatch, noon(TODAY))
    assert usage_report(first=YESTERDAY, last=TODAY).copied_at == (earlier, earlier)
    assert usage_report(first=YESTERDAY - DAY, last=TODAY).copied_at == (earlier, noon(TODAY))
    assert usage_report(first=TODAY, last=TODAY).copied_at is None


def test_closed_days_are_there_without_dynamodb(dynamodb: FaultyDynamoDB) -> None:
    book(YESTERDAY, "alice", PRO, spending(1))
    book(TODAY, "alice", PRO, spending(10))
    report = usage_report(first=YESTERDAY, last=YESTERDAY)
    dynamodb.fault("server_error", "Query", times=None)
    assert usage_report(first=YESTERDAY, last=YESTERDAY) == report
    both = usage_report(first=YESTERDAY, last=TODAY)
    assert both == replace(report, last=TODAY, by_day=[*report.by_day, (TODAY, NOTHING)], unread_days=[TODAY])
    with pytest.raises(StoreUnavailable):
        usage_lines(first=YESTERDAY, last=TODAY)
    with pytest.raises(StoreUnavailable):
        usage_report(first=TODAY, last=TODAY)


def test_closed_days_that_cannot_be_copied_are_named(dynamodb: FaultyDynamoDB) -> None:
    book(YESTERDAY - DAY, "alice", PRO, spending(1))
    report = usage_report(first=YESTERDAY - DAY, last=YESTERDAY - DAY)
    dynamodb.fault("server_error", "Query", times=None)
    dynamodb.requests.clear()
    found = usage_report(first=YESTERDAY - DAY, last=TODAY)
    assert [each.body for each in dynamodb.requests if str(TODAY) in str(each.body)] == []  # one wait is enough
    assert (found.totals, found.missing_days, found.unread_days) == (report.totals, [], [YESTERDAY, TODAY])
    assert found.read_at is None
    with pytest.raises(StoreUnavailable):
        usage_report(first=YESTERDAY, last=TODAY)


def test_of_two_open_days_one_may_be_unread(dynamodb: FaultyDynamoDB, monkeypatch: pytest.MonkeyPatch) -> None:
    midnight = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
    it_is(monkeypatch, midnight)
    book(YESTERDAY, "alice", PRO, spending(1))
    reading = OpenDays()
    reading.lines(YESTERDAY)
    dynamodb.fault("server_error", "Query", times=None)
    found = usage_report(first=YESTERDAY, last=TODAY, open_days=reading)
    assert (used(found), found.unread_days, found.read_at) == ([(YESTERDAY, spending(1))], [TODAY], midnight)


def test_an_open_day_is_read_once_for_all_parts_of_a_page(dynamodb: FaultyDynamoDB) -> None:
    book(TODAY, "alice", PRO, spending(1))
    book(TODAY, "alice", MICRO, spending(2))
    reading = OpenDays()
    dynamodb.requests.clear()
    for model_id, cost in ((None, 3), (PRO, 1), (MICRO, 2)):
        report = usage_report(first=TODAY, last=TODAY, model_id=model_id, open_days=reading)
        assert report.totals.cost_nano_usd == cost
        dynamodb.fault("server_error", "Query", times=None)  # what was read is kept
    assert calls_made(dynamodb) == OF_OPEN_DAY


def test_a_day_stays_open_until_no_turn_of_it_can_be_booked(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    midnight = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
    last_moment = midnight + dt.timedelta(seconds=60 + 15 + 3600)
    it_is(monkeypatch, last_moment - dt.timedelta(microseconds=1))
    book(YESTERDAY, "alice", PRO, spending(1))
    assert used(usage_report(first=YESTERDAY, last=TODAY)) == [(YESTERDAY, spending(1))]
    book(YESTERDAY, "alice", PRO, spending(2))
    assert used(usage_report(first=YESTERDAY, last=TODAY)) == [(YESTERDAY, spending(1) + spending(2))]
    it_is(monkeypatch, last_moment)
    assert usage_report(first=YESTERDAY, last=YESTERDAY).read_at is None


def test_days_that_do_not_fit_into_a_request_are_named_and_follow(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing_days, "MOST_AT_ONCE", 2)
    first = TODAY - 5 * DAY
    for back in range(6):
        book(TODAY - back * DAY, "alice", PRO, spending(10**back))
    report = usage_report(first=first, last=TODAY)
    assert (report.totals.cost_nano_usd, report.missing_days) == (111, [first, first + DAY, first + 2 * DAY])
    with pytest.raises(UsageIncomplete):
        usage_lines(first=first, last=TODAY)
    report = usage_report(first=first, last=TODAY)
    assert (report.totals.cost_nano_usd, report.missing_days) == (111_111, [])
    assert sum(line.spending.cost_nano_usd for line in usage_lines(first=first, last=TODAY)) == 111_111


def test_time_ends_the_copying_of_a_request(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing_days, "SECONDS_AT_ONCE", 0)
    assert usage_report(first=YESTERDAY, last=TODAY).missing_days == [YESTERDAY]


@pytest.mark.parametrize("days", [0, MAX_DAYS + 1])
def test_takes_no_range_that_is_empty_or_too_long(days: int) -> None:
    with pytest.raises(ValueError, match="1 to 92 days"):
        usage_report(first=TODAY, last=TODAY + (days - 1) * DAY)
