"""A turn whose process died is booked as failed, once, by whoever comes upon it, on the day of that."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conversations.domain import PendingTurn
from conversations.services import clock
from conversations.store import turn_begin
from conversations.store.tables import SESSION_KEY, SessionRow, UsageRow
from core.deadline import Deadline
from tests.conversations.admin.calls import calls_made
from tests.conversations.api.asking import problem
from tests.faulty_dynamodb import FaultyDynamoDB

PRO, MICRO = "us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"
BEGAN = dt.datetime(2026, 11, 2, 23, 59, tzinfo=dt.UTC)
FOUND = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _weeks_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: FOUND)
    monkeypatch.setattr("conversations.services.stop_turn.now", lambda: FOUND)
    monkeypatch.setattr("conversations.services.erase_session.now", lambda: FOUND)


def a_dead_turn(*, key: str = "", owner: str = "anonymous", lease_seconds: float = 75) -> None:
    """A turn of session s whose process is gone."""
    lease = BEGAN + dt.timedelta(seconds=lease_seconds)
    pending = PendingTurn("dead", "Lost?", MICRO, BEGAN, lease, key=key, fingerprint=key and "another request")
    turn_begin.begin("s", owner=owner, title="Lost?", pending=pending, deadline=Deadline.after(5))


def booked(owner: str = "anonymous") -> dict[tuple[str, str], tuple[int, int]]:
    """Turns and errors in the ledger by day and model."""
    rows = UsageRow.query(owner)
    return {
        (day, model): (int(row.turns or 0), int(row.errors or 0))
        for row in rows
        for day, model, _ in [row.day_model_shard.split("#")]
    }


ERROR = {("2026-11-23", MICRO): (0, 1)}


def test_the_next_message_books_it_and_takes_its_place(api: httpx.Client) -> None:
    a_dead_turn()
    assert booked() == {}
    for _ in range(2):
        assert api.post("/chat", json={"message": "Next", "session_id": "s"}).status_code == 200
    assert booked() == ERROR | {("2026-11-23", PRO): (2, 0)}
    assert [message["content"] for message in api.get("/history/s").json()["messages"]][::2] == ["Next", "Next"]


def test_a_stream_that_takes_its_place_books_it_too(api: httpx.Client) -> None:
    a_dead_turn()
    answer = api.post("/chat", json={"message": "Next", "session_id": "s", "stream": True})
    assert "event: done" in answer.text
    assert booked() == ERROR | {("2026-11-23", PRO): (1, 0)}


def test_clearing_it_books_it(api: httpx.Client) -> None:
    a_dead_turn()
    for _ in range(2):
        assert api.delete("/sessions/s/pending").status_code == 204
    assert (api.get("/history/s").json()["pending"], booked()) == (None, ERROR)
    assert SessionRow.get("s", SESSION_KEY).state == "idle"


def test_erasing_its_session_books_it(api: httpx.Client) -> None:
    a_dead_turn()
    for _ in range(2):
        assert api.delete("/history/s").status_code == 204
    assert (list(SessionRow.query("s")), booked()) == ([], ERROR)


def test_an_expired_session_that_gives_way_to_a_new_one_books_it(api: httpx.Client) -> None:
    a_dead_turn()
    SessionRow.table().update_item("s", SESSION_KEY, actions=[SessionRow.expires_at.set(1_000_000_000)])
    assert api.post("/chat", json={"message": "New", "session_id": "s"}).status_code == 200
    assert booked() == ERROR | {("2026-11-23", PRO): (1, 0)}
    assert api.get("/history/s").json()["title"] == "New"


def test_all_who_come_upon_it_at_once_book_it_once(api: httpx.Client) -> None:
    a_dead_turn()

    def come(number: int) -> int:
        if number % 2:
            return api.delete("/sessions/s/pending").status_code
        return api.post("/chat", json={"message": str(number), "session_id": "s"}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(come, range(8)))
    assert set(statuses) <= {200, 204, 409}
    assert booked()["2026-11-23", MICRO] == (0, 1)


@pytest.mark.parametrize("path", ["/history/s", "/sessions/s/pending"])
def test_somebody_else_does_not_book_it(api: httpx.Client, path: str) -> None:
    a_dead_turn(owner="alice")
    before = SessionRow.get("s", SESSION_KEY).to_dynamodb_dict()
    api.delete(path)
    assert problem(api.post("/chat", json={"message": "Mine", "session_id": "s"})) == (404, "session_not_found")
    assert (booked("alice"), booked(), SessionRow.get("s", SESSION_KEY).to_dynamodb_dict()) == ({}, {}, before)


def test_a_request_that_is_refused_leaves_it_alone(api: httpx.Client) -> None:
    a_dead_turn(key="k-1")
    answer = api.post("/chat", json={"message": "Other", "session_id": "s"}, headers={"Idempotency-Key": "k-1"})
    assert problem(answer) == (422, "idempotency_key_reused")
    assert (booked(), SessionRow.get("s", SESSION_KEY).state) == ({}, "pending")


def test_a_turn_under_way_is_booked_by_nobody(api: httpx.Client) -> None:
    a_dead_turn(lease_seconds=(FOUND - BEGAN).total_seconds() + 1)
    assert problem(api.post("/chat", json={"message": "Me too", "session_id": "s"})) == (409, "turn_in_progress")
    assert booked() == {}
    assert api.delete("/history/s").status_code == 204
    assert booked() == {}


def test_without_one_nothing_is_asked_of_the_table_for_it(dynamodb: FaultyDynamoDB, api: httpx.Client) -> None:
    api.post("/chat", json={"message": "First", "session_id": "s"})
    dynamodb.requests.clear()
    api.post("/chat", json={"message": "Second", "session_id": "s"})
    assert calls_made(dynamodb) == ["UpdateItem", "TransactWriteItems"]
    dynamodb.requests.clear()
    api.delete("/history/s")
    assert calls_made(dynamodb) == ["UpdateItem", "Query", "BatchWriteItem", "DeleteItem"]
