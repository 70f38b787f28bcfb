"""The dearest sessions are those that a look at every session would give, or the answer says that it may not be so."""

import datetime as dt
import random
from typing import Any

import pytest

from conversations.models import UsageDaySession
from conversations.services.erase_session import erase_session
from conversations.services.staff import closing_days
from conversations.services.staff import dearest_sessions as module
from conversations.services.staff.closing_days import Range, copy_closed
from conversations.services.staff.dearest_sessions import MOST_SESSIONS, dearest_sessions
from conversations.store.tables import SESSION_KEY, SessionRow
from core.deadline import Deadline
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.stored import a_session, sessions
from tests.conversations.services.staff.booked import DAY, it_is, noon
from tests.faulty_dynamodb import FaultyDynamoDB

TODAY = dt.date(2026, 11, 23)
YESTERDAY = TODAY - DAY
EARLIER = TODAY - 2 * DAY


@pytest.fixture(autouse=True)
def _noon(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    it_is(monkeypatch, noon(TODAY))


def close(first: dt.date = EARLIER, last: dt.date = TODAY) -> None:
    """Copies the closed ones of these days."""
    assert copy_closed(Range.at(noon(TODAY), first=first, last=last)) == []


def dearest(first: dt.date = EARLIER, last: dt.date = TODAY) -> tuple[list[str], bool]:
    found = dearest_sessions(first=first, last=last)
    return [record.session_id for record in found.records], found.is_complete


def costing(session_id: str, day: dt.date, cost: int, **attributes: Any) -> str:  # noqa: ANN401  # a model's own
    return a_session(session_id, at=noon(day), cost_nano_usd=cost, **attributes)


def test_come_dearest_first_from_open_and_closed_days(tables: None) -> None:
    for session_id, day, cost in [("a", EARLIER, 5), ("b", YESTERDAY, 7), ("c", TODAY, 6), ("d", TODAY, 1)]:
        costing(session_id, day, cost)
    costing("free", TODAY, 0)
    costing("outside", EARLIER - DAY, 100)
    close()
    assert dearest() == (["b", "c", "a", "d"], True)
    assert dearest(last=YESTERDAY) == (["b", "a"], True)
    assert dearest(first=TODAY) == (["c", "d"], True)


def test_one_that_went_on_counts_once_and_on_its_latest_day(tables: None) -> None:
    costing("goes-on", EARLIER, 5)
    costing("stays", EARLIER, 6)
    close()
    costing("goes-on", TODAY, 9)
    assert dearest() == (["goes-on", "stays"], True)
    assert dearest(last=YESTERDAY) == (["stays"], True)


def test_an_erased_one_is_gone_from_the_copies_too(tables: None) -> None:
    for session_id in ("a", "b"):
        costing(session_id, YESTERDAY, 5)
    close()
    erase_session(owner="alice", session_id="a", deadline=Deadline.after(10))
    assert dearest() == (["b"], True)
    assert list(UsageDaySession.objects.values_list("session_id", flat=True)) == ["b"]


def test_says_when_a_day_is_not_copied(tables: None) -> None:
    costing("a", YESTERDAY, 5)
    assert dearest() == ([], False)
    close()
    assert dearest() == (["a"], True)


def test_says_when_one_left_out_may_be_dearer(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing_days, "SESSIONS_KEPT", 25)
    for number in range(30):
        costing(f"s{number}", YESTERDAY, 100 + number)
    close()
    names = [f"s{number}" for number in range(29, 4, -1)]
    assert dearest() == (names[:20], True)
    for name in names[:5]:
        costing(name, TODAY + DAY, 500)
    assert dearest() == (names[5:], True)
    costing(names[5], TODAY + DAY, 500)
    assert dearest() == (names[6:], False)


def test_says_when_a_day_was_too_large_to_be_looked_at(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_OPEN_PAGES", 0)
    costing("a", TODAY, 5)
    assert dearest(first=TODAY) == ([], False)


@pytest.mark.parametrize("seed", range(4))
def test_are_those_of_a_look_at_every_session(seed: int, tables: None) -> None:
    plan = random.Random(seed)  # noqa: S311  # a plan, not a secret
    ids = [f"s{number}" for number in range(120)]
    for session_id in ids:
        costing(session_id, EARLIER + plan.randrange(2) * DAY, plan.randrange(60))
    close()
    for session_id in plan.sample(ids, 40):
        before = int(SessionRow.get(session_id, SESSION_KEY).cost_nano_usd or 0)
        costing(session_id, TODAY, before + plan.randrange(20))
    for session_id in plan.sample(ids, 10):
        erase_session(owner="alice", session_id=session_id, deadline=Deadline.after(10))
    for first, last in ((EARLIER, TODAY), (EARLIER, YESTERDAY), (YESTERDAY, TODAY), (TODAY, TODAY)):
        rows = SessionRow.batch_get([(session_id, SESSION_KEY) for session_id in ids[:100]])
        rest = SessionRow.batch_get([(session_id, SESSION_KEY) for session_id in ids[100:]])
        costs = {
            row.session_id: int(row.cost_nano_usd or 0)
            for row in (*rows, *rest)
            if first.isoformat() <= str(row.updated_at)[:10] <= last.isoformat() and row.cost_nano_usd
        }
        expected = sorted(costs, key=lambda session_id: (-costs[session_id], session_id))[:MOST_SESSIONS]
        found = dearest_sessions(first=first, last=last)
        assert [record.cost_nano_usd for record in found.records] == [costs[session_id] for session_id in expected]
        assert found.is_complete


def test_takes_so_many_calls_however_many_sessions_there_are(dynamodb: FaultyDynamoDB) -> None:
    for count in (25, 400):
        sessions(count, prefix="open", at=noon(TODAY))
        sessions(count, prefix="closed", at=noon(YESTERDAY))
        close()
        dynamodb.requests.clear()
        dearest_sessions(first=YESTERDAY, last=TODAY)
        assert calls_made(dynamodb) == ["BatchGetItem", *["Query"] * 16, "BatchGetItem"]
