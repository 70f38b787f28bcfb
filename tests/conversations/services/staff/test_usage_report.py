"""The report of usage: open days from the ledger, closed ones from their copies, and not a nano-dollar between them."""

import datetime as dt

import pytest

from conversations.domain import LedgerLine
from conversations.errors import UsageIncomplete
from conversations.services.staff import closing_days
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
        read_at=noon(TODAY),
        missing_days=[],
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
        read_at=noon(TODAY),
        missing_days=[],
    )


@pytest.mark.parametrize(
    ("restriction", "of_yesterday", "of_today"),
    [({"owner": "alice"}, 1, 16), ({"model_id": MICRO}, 6, 96), ({"owner": "bob", "model_id": MICRO}, 4, 64)],
)
def test_is_restricted_to_an_owner_and_a_model(
    restriction: dict[str, str], of_yesterday: int, of_today: int, tables: None
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


def test_closed_days_are_there_without_dynamodb(dynamodb: FaultyDynamoDB) -> None:
    book(YESTERDAY, "alice", PRO, spending(1))
    report = usage_report(first=YESTERDAY, last=YESTERDAY)
    dynamodb.fault("server_error", "Query", times=None)
    assert usage_report(first=YESTERDAY, last=YESTERDAY) == report
    with pytest.raises(StoreUnavailable):
        usage_report(first=YESTERDAY, last=TODAY)
    with pytest.raises(StoreUnavailable):
        usage_lines(first=YESTERDAY, last=TODAY)


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
