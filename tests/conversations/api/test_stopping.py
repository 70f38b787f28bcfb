"""DELETE /sessions/{session_id}/pending: a turn is stopped, whichever process runs it, and what was said is kept."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest

from conversations.api import views
from conversations.domain import PendingTurn
from conversations.services.running_turns import RunningTurns
from conversations.services.stop_turn import stop_turn
from conversations.store import turn_begin
from conversations.store.tables import SESSION_KEY, SessionRow, UsageRow
from core.deadline import Deadline
from tests.bedrock_client.asking import wait_until
from tests.conversations.api.asking import events, problem
from tests.scripted_bedrock import ScriptedBedrock

ORDER = {"message": "Hello", "session_id": "s", "stream": True}


@pytest.fixture
def of_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that is asked to stop a turn runs none."""
    monkeypatch.setattr(views, "stop_turn", partial(stop_turn, running=RunningTurns()))


def stop_while_streaming(api: httpx.Client, bedrock: ScriptedBedrock) -> tuple[httpx.Response, httpx.Response, float]:
    """The answers of the stream and of what stopped it, and the seconds that took."""
    gate = bedrock.gate()
    bedrock.stream("Half an ", "answer", gate, " and never this")
    with ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(api.post, "/chat", json=ORDER)
        assert gate.reached.wait(10)
        began = time.monotonic()
        stopped = api.delete("/sessions/s/pending")
        return streamed.result(), stopped, time.monotonic() - began


def check_kept(api: httpx.Client, streamed: httpx.Response) -> None:
    name, done = events(streamed)[-1]
    assert (name, done["response"], done["stop_reason"]) == ("done", "Half an answer", "cancelled")
    history = api.get("/history/s").json()
    assert [message["content"] for message in history["messages"]] == ["Hello", "Half an answer"]
    assert history["messages"][1]["usage"] == done["usage"]
    assert done["usage"]["output_tokens"] > 0
    assert history["pending"] is None


def test_keeps_what_was_said_and_closes_the_models_stream(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    streamed, stopped, _ = stop_while_streaming(api, bedrock)
    assert (stopped.status_code, stopped.content) == (204, b"")
    check_kept(api, streamed)
    wait_until(lambda: bedrock.closed_early == 1)
    session, (booked,) = SessionRow.get("s", SESSION_KEY), UsageRow.query("anonymous")
    assert (booked.turns, booked.output_tokens) == (1, session.output_tokens)
    assert api.post("/chat", json=ORDER).status_code == 200


@pytest.mark.usefixtures("of_another_process")
def test_a_turn_of_another_process_is_stopped_too(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    streamed, stopped, _ = stop_while_streaming(api, bedrock)
    assert stopped.status_code == 204
    check_kept(api, streamed)
    wait_until(lambda: bedrock.closed_early == 1)


def test_a_turn_without_a_word_is_over_and_its_message_stays(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()
    bedrock.stream(gate, "never said")
    with ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(api.post, "/chat", json=ORDER)
        assert gate.reached.wait(10)
        assert api.delete("/sessions/s/pending").status_code == 204
        assert problem(streamed.result()) == (409, "turn_cancelled")
    history = api.get("/history/s").json()
    assert (history["messages"], history["pending"]["state"]) == ([], "failed")
    assert (history["pending"]["message"], history["pending"]["error_code"]) == ("Hello", "turn_cancelled")


@pytest.mark.usefixtures("of_another_process")
def test_a_turn_that_cannot_be_interrupted_is_over_all_the_same(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()
    bedrock.stream(gate, "too late")
    order = {"message": "Hello", "session_id": "s"}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.post, "/chat", json=order)
        assert gate.reached.wait(10)
        assert api.delete("/sessions/s/pending").status_code == 204
        assert api.get("/history/s").json()["pending"]["error_code"] == "turn_cancelled"
        assert api.post("/chat", json=order).json()["response"] == "You said: Hello"
        gate.open()
        assert problem(waiting.result()) in {(409, "turn_cancelled"), (504, "deadline_exceeded")}
    assert len(api.get("/history/s").json()["messages"]) == 2


def test_pauses_between_tries_end_at_once(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ThrottlingException", retry_after=30, times=None)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.post, "/chat", json={"message": "Hello", "session_id": "s"})
        until = time.monotonic() + 10
        while not bedrock.requests and time.monotonic() < until:
            time.sleep(0.01)
        assert api.delete("/sessions/s/pending").status_code == 204
        assert problem(waiting.result()) == (409, "turn_cancelled")
    assert len(bedrock.requests) == 1


def test_clears_a_failed_turn(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ModelErrorException")
    api.post("/chat", json=ORDER)
    assert api.get("/history/s").json()["pending"]["state"] == "failed"
    assert api.delete("/sessions/s/pending").status_code == 204
    assert api.get("/history/s").json()["pending"] is None
    assert [session["state"] for session in api.get("/sessions").json()["sessions"]] == ["idle"]


def test_clears_a_turn_whose_process_is_gone(api: httpx.Client) -> None:
    now = dt.datetime.now(dt.UTC)
    pending = PendingTurn("dead", "Lost?", "us.amazon.nova-pro-v1:0", now, now - dt.timedelta(seconds=1))
    turn_begin.begin("s", owner="anonymous", title="Lost?", pending=pending, deadline=Deadline.after(5))
    assert api.delete("/sessions/s/pending").status_code == 204
    assert api.get("/history/s").json()["pending"] is None


def test_a_turn_whose_process_died_before_its_lease_ran_out_is_over(api: httpx.Client) -> None:
    now = dt.datetime.now(dt.UTC)
    pending = PendingTurn("dead", "Lost?", "us.amazon.nova-pro-v1:0", now, now + dt.timedelta(seconds=60))
    turn_begin.begin("s", owner="anonymous", title="Lost?", pending=pending, deadline=Deadline.after(5))
    assert api.delete("/sessions/s/pending").status_code == 204
    after = api.get("/history/s").json()["pending"]
    assert (after["message"], after["state"], after["error_code"]) == ("Lost?", "failed", "turn_cancelled")


def test_there_may_be_nothing_to_stop(api: httpx.Client) -> None:
    api.post("/chat", json={"message": "Hello", "session_id": "s"})
    for _ in range(2):
        assert api.delete("/sessions/s/pending").status_code == 204
    assert len(api.get("/history/s").json()["messages"]) == 2


@pytest.mark.parametrize("owner", [None, "somebody"])
def test_a_session_that_is_not_there_or_not_the_callers_is_not_found(api: httpx.Client, owner: str | None) -> None:
    if owner:
        now = dt.datetime.now(dt.UTC)
        pending = PendingTurn("theirs", "Mine", "us.amazon.nova-pro-v1:0", now, now + dt.timedelta(seconds=60))
        turn_begin.begin("s", owner=owner, title="Mine", pending=pending, deadline=Deadline.after(5))
    assert problem(api.delete("/sessions/s/pending")) == (404, "session_not_found")
    if owner:
        assert "StopRequestedAt" not in SessionRow.get("s", SESSION_KEY).pending.attribute_values


def test_an_erased_session_stops_its_turn(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()
    bedrock.stream("Half an ", "answer", gate)
    with ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(api.post, "/chat", json=ORDER)
        assert gate.reached.wait(10)
        assert api.delete("/history/s").status_code == 204
        name, error = events(streamed.result())[-1]
    assert (name, error["code"]) == ("error", "session_not_found")
    assert list(SessionRow.query("s")) == []
    wait_until(lambda: bedrock.closed_early == 1)
