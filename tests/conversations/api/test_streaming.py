"""POST /chat as server-sent events, and what becomes of a turn whose stream breaks or whose caller goes away."""

import time
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from conversations.api import event_stream
from tests.conversations.api.asking import events, parsed, problem
from tests.scripted_bedrock import ScriptedBedrock, Tokens

ORDER = {"message": "Hello", "session_id": "s", "stream": True}


def history(api: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/history/s").json()
    return found


def settled(api: httpx.Client) -> dict[str, Any]:
    """The history when no turn is under way any more."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = history(api)
        if found["pending"] is None or found["pending"]["state"] == "failed":
            return found
        time.sleep(0.02)
    pytest.fail("the turn never ended")


def test_tells_the_answer_while_it_comes_and_stores_it(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.stream("Grüße", " \u2028\n", "\U0001f600 end", usage=Tokens(11, 7))
    answer = api.post("/chat", json=ORDER)
    (start, *deltas, done) = events(answer)
    assert start == (
        "start",
        {
            "session_id": "s",
            "message_id": done[1]["message_id"],
            "model_id": "us.amazon.nova-pro-v1:0",
            "region": "us-east-1",
        },
    )
    assert deltas == [("delta", {"text": text}) for text in ("Grüße", " \u2028\n", "\U0001f600 end")]
    assert done == (
        "done",
        {
            "response": "Grüße \u2028\n\U0001f600 end",
            **start[1],
            "stop_reason": "end_turn",
            "usage": {
                "input_tokens": 11,
                "output_tokens": 7,
                "cache_read_tokens": 0,
                "cache_write_tokens": 0,
                "cost_usd": "0.000031200",
            },
            "latency_ms": done[1]["latency_ms"],
            "created_at": done[1]["created_at"],
        },
    )
    stored = history(api)
    assert [message["content"] for message in stored["messages"]] == ["Hello", done[1]["response"]]
    assert stored["messages"][1]["message_id"] == done[1]["message_id"]
    assert stored["pending"] is None


def test_is_neither_cached_nor_collected_on_its_way(api: httpx.Client) -> None:
    headers = api.post("/chat", json=ORDER).headers
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    assert headers["x-request-id"]


def test_events_come_one_by_one(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()
    bedrock.stream("Hel", gate, "lo")
    with api.stream("POST", "/chat", json=ORDER) as answer:
        chunks = answer.iter_bytes()
        early = b""
        while b"Hel" not in early:
            early += next(chunks)
        assert [name for name, _ in parsed(early)] == ["start", "delta"]
        assert history(api)["pending"]["state"] == "pending"
        gate.open()
        assert [name for name, _ in parsed(b"".join(chunks))] == ["delta", "done"]


@pytest.mark.parametrize(
    ("accept", "stream", "streamed"),
    [
        ("text/event-stream", None, True),
        ("text/event-stream", False, False),
        ("application/json", True, True),
        ("application/json, text/event-stream", None, False),
        ("application/json;q=0.5, text/event-stream", None, True),
        ("text/event-stream;q=0", None, False),
        ("*/*", None, False),
        ("text/*", None, True),
        ("image/png", None, False),
    ],
)
def test_streams_when_the_body_or_else_the_accept_header_says_so(
    api: httpx.Client, accept: str, stream: bool | None, streamed: bool
) -> None:
    body: dict[str, object] = {"message": "Hello"} if stream is None else {"message": "Hello", "stream": stream}
    answer = api.post("/chat", json=body, headers={"Accept": accept})
    kind = "text/event-stream" if streamed else "application/json"
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize("stream", ["true", 1, None, []])
def test_refuses_a_stream_that_is_no_boolean(api: httpx.Client, stream: object) -> None:
    answer = api.post("/chat", json={"message": "Hello", "stream": stream})
    assert problem(answer) == (400, "invalid_request")
    assert [error["attr"] for error in answer.json()["errors"]] == ["stream"]


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        ("AccessDeniedException", 502, "model_access_denied"),
        ("ModelErrorException", 502, "model_error"),
        ("ModelTimeoutException", 504, "deadline_exceeded"),
    ],
)
def test_a_refusal_before_the_first_text_is_a_plain_problem(
    api: httpx.Client, bedrock: ScriptedBedrock, failure: str, status: int, code: str
) -> None:
    bedrock.fail(failure)
    assert problem(api.post("/chat", json=ORDER)) == (status, code)
    assert (history(api)["pending"]["state"], history(api)["pending"]["error_code"]) == ("failed", code)


def test_refusals_of_the_turn_itself_are_plain_problems(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()
    bedrock.stream("Hel", gate)
    with api.stream("POST", "/chat", json=ORDER):
        assert gate.reached.wait(10)
        assert problem(api.post("/chat", json=ORDER)) == (409, "turn_in_progress")
        gate.open()
    settled(api)
    assert problem(api.post("/chat", json=ORDER | {"message": " "})) == (400, "invalid_request")
    assert problem(api.post("/chat", json=ORDER | {"model_id": "unheard-of"})) == (400, "unknown_model")


BROKEN = {
    "eof": "model_unavailable",
    "cut": "model_unavailable",
    "reset": "model_unavailable",
    "stall": "deadline_exceeded",
    "bad_checksum": "model_unavailable",
    "bad_json": "model_unavailable",
    "internalServerException": "model_unavailable",
    "serviceUnavailableException": "model_unavailable",
    "modelStreamErrorException": "model_unavailable",
    "throttlingException": "model_throttled",
}


@pytest.mark.parametrize(("end", "code"), BROKEN.items(), ids=BROKEN)
def test_a_reply_that_breaks_off_is_never_taken_for_whole(
    api: httpx.Client, bedrock: ScriptedBedrock, settings: Settings, end: str, code: str
) -> None:
    settings.STREAM_STALL_SECONDS = 0.2
    bedrock.stream("Half an ", "answer", end=end)
    (start, *deltas, error) = events(api.post("/chat", json=ORDER))
    assert [name for name, _ in (start, *deltas, error)] == ["start", "delta", "delta", "error"]
    assert (error[1]["code"], error[1]["retryable"]) == (code, True)
    assert error[1]["retry_after"] >= 1
    stored = history(api)
    assert stored["messages"] == []
    assert stored["pending"] == {
        "message": "Hello",
        "model_id": "us.amazon.nova-pro-v1:0",
        "created_at": stored["pending"]["created_at"],
        "state": "failed",
        "error_code": code,
        "partial_response": "Half an answer",
    }
    assert events(api.post("/chat", json=ORDER))[-1][0] == "done"
    assert (len(history(api)["messages"]), history(api)["pending"]) == (2, None)


def test_what_a_filter_blocked_is_not_kept(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.stream("Something bad", stop_reason="content_filtered")
    error = events(api.post("/chat", json=ORDER))[-1]
    assert (error[0], error[1]["code"], "retryable" in error[1]) == ("error", "content_blocked", False)
    assert (history(api)["messages"], history(api)["pending"]["partial_response"]) == ([], None)


def test_a_partial_answer_is_kept_as_far_as_the_item_has_room(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    message = "\u20ac" * 80_000
    bedrock.stream("\U0001f600" * 60_000, end="eof")
    assert events(api.post("/chat", json=ORDER | {"message": message}))[-1][1]["code"] == "model_unavailable"
    pending = history(api)["pending"]
    assert (pending["message"], pending["state"]) == (message, "failed")
    assert set(pending["partial_response"]) == {"\U0001f600"}
    assert 30_000 < len(pending["partial_response"]) < 60_000


def test_a_silence_is_filled_with_comments(
    api: httpx.Client, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    gate = bedrock.gate()
    bedrock.stream("Hel", gate, "lo")
    with api.stream("POST", "/chat", json=ORDER) as answer:
        seen = b""
        for chunk in answer.iter_bytes():
            seen += chunk
            if seen.count(b": still working\n\n") == 3:
                gate.open()
    assert seen.count(b": still working\n\n") >= 3
    assert [name for name, _ in parsed(seen)] == ["start", "delta", "delta", "done"]


@pytest.mark.parametrize("heard", ["start", "delta"])
def test_a_caller_that_goes_away_does_not_stop_the_turn(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: str
) -> None:
    gate = bedrock.gate()
    bedrock.stream("Hel", gate, "lo", " there")
    with api.stream("POST", "/chat", json=ORDER) as answer:
        chunks = answer.iter_bytes()
        while f"event: {heard}".encode() not in next(chunks):
            pass
    gate.open()
    stored = settled(api)
    assert [message["content"] for message in stored["messages"]] == ["Hello", "Hello there"]
    assert (stored["messages"][1]["stop_reason"], bedrock.closed_early) == ("end_turn", 0)


def test_a_stream_without_its_last_words_is_whole_and_its_usage_estimated(
    api: httpx.Client, bedrock: ScriptedBedrock
) -> None:
    bedrock.stream("Hello there", end="no_metadata")
    done = events(api.post("/chat", json=ORDER))[-1]
    assert (done[0], done[1]["response"]) == ("done", "Hello there")
    assert done[1]["usage"]["input_tokens"] > 0
    assert done[1]["usage"]["output_tokens"] > 0
    assert history(api)["messages"][1]["usage"] == done[1]["usage"]


def test_an_unforeseen_fault_is_an_internal_error_and_ends_the_turn(
    api: httpx.Client, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("conversations.services.end_turn.cost_nano_usd", broken)
    error = events(api.post("/chat", json=ORDER))[-1]
    assert (error[0], error[1]["code"]) == ("error", "internal_error")
    pending = history(api)["pending"]
    assert (pending["state"], pending["error_code"]) == ("failed", "internal_error")
    assert pending["partial_response"] == "You said: Hello"
