"""A turn against other turns, lost leases and the ledger."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import httpx
from pytest_django import Settings

from conversations.domain import PendingTurn
from conversations.store import turn_begin
from conversations.store.tables import SESSION_KEY, SessionRow, UsageRow
from core.deadline import Deadline
from tests.conversations.api.asking import problem
from tests.scripted_bedrock import ScriptedBedrock


def begin(session_id: str, *, lease_seconds: float) -> None:
    """A turn whose process is gone."""
    now = dt.datetime.now(dt.UTC)
    pending = PendingTurn("dead", "Lost?", "us.amazon.nova-pro-v1:0", now, now + dt.timedelta(seconds=lease_seconds))
    turn_begin.begin(session_id, owner="anonymous", title="Lost?", pending=pending, deadline=Deadline.after(5))


def test_one_turn_at_a_time(api: httpx.Client) -> None:
    begin("s", lease_seconds=60)
    answer = api.post("/chat", json={"message": "Me too", "session_id": "s"})
    assert problem(answer) == (409, "turn_in_progress")
    assert (answer.json()["retryable"], answer.headers["retry-after"]) == (True, "1")
    assert api.get("/history/s").json()["pending"]["state"] == "pending"


def test_a_lease_that_ran_out_shows_its_message_and_gives_way(api: httpx.Client) -> None:
    begin("s", lease_seconds=-1)
    pending = api.get("/history/s").json()["pending"]
    assert (pending["message"], pending["state"], pending["error_code"]) == ("Lost?", "failed", "interrupted")
    assert api.patch("/sessions/s", json={"title": "Lost"}).json()["state"] == "failed"
    assert api.post("/chat", json={"message": "Next", "session_id": "s"}).status_code == 200


def test_a_list_shows_a_turn_that_is_pending_for_longer_than_any_lease_as_failed(
    api: httpx.Client, settings: Settings
) -> None:
    begin("s", lease_seconds=60)
    assert [session["state"] for session in api.get("/sessions").json()["sessions"]] == ["pending"]
    settings.CHAT_DEADLINE_SECONDS = -15
    assert [session["state"] for session in api.get("/sessions").json()["sessions"]] == ["failed"]


def test_concurrent_callers_of_one_session_are_answered_or_told_to_wait(
    api: httpx.Client, bedrock: ScriptedBedrock
) -> None:
    def ask(number: int) -> int:
        return api.post("/chat", json={"message": str(number), "session_id": "s"}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask, range(16)))
    assert set(statuses) <= {200, 409}
    messages = api.get("/history/s", params={"limit": 100}).json()["messages"]
    assert len(messages) == 2 * statuses.count(200) == 2 * len(bedrock.requests)
    assert [message["role"] for message in messages] == ["user", "assistant"] * statuses.count(200)


def test_the_ledger_equals_the_history(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    for number in range(3):
        api.post("/chat", json={"message": str(number), "session_id": "s"})
    bedrock.fail("AccessDeniedException", times=None)
    api.post("/chat", json={"message": "refused", "session_id": "s"})
    answers = [message["usage"] for message in api.get("/history/s").json()["messages"] if message["usage"]]
    (row,) = UsageRow.query("anonymous")
    session = SessionRow.get("s", SESSION_KEY)
    assert (row.turns, row.errors) == (3, 1)
    for booked in (row, session):
        assert booked.input_tokens == sum(usage["input_tokens"] for usage in answers)
        assert booked.output_tokens == sum(usage["output_tokens"] for usage in answers)
        nano = sum(int(usage["cost_usd"].replace(".", "")) for usage in answers)
        assert booked.cost_nano_usd == nano


def test_a_message_is_later_than_all_before_it_whatever_the_clock_says(api: httpx.Client) -> None:
    api.post("/chat", json={"message": "First", "session_id": "s"})
    ahead = SessionRow.last_timestamp.set("2099-01-01T00:00:00.000000Z")
    SessionRow.table().update_item("s", SESSION_KEY, actions=[ahead])
    api.post("/chat", json={"message": "Second", "session_id": "s"})
    assert SessionRow.get("s", SESSION_KEY).last_timestamp == "2099-01-01T00:00:00.000002Z"
    messages = api.get("/history/s").json()["messages"]
    assert [message["content"] for message in messages[::2]] == ["First", "Second"]
