"""POST /chat: a turn, as a caller sees it and as the history has it afterwards."""

import json
import re
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from tests.conversations.api.asking import problem, said
from tests.scripted_bedrock import ScriptedBedrock


def test_answers_and_keeps_both_messages(api: httpx.Client) -> None:
    answer = api.post("/chat", json={"message": "Hello", "session_id": "abc123"})
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "response": "You said: Hello",
        "session_id": "abc123",
        "message_id": body["message_id"],
        "model_id": "us.amazon.nova-pro-v1:0",
        "region": "us-east-1",
        "stop_reason": "end_turn",
        "usage": body["usage"],
        "latency_ms": body["latency_ms"],
        "created_at": body["created_at"],
    }
    history = api.get("/history/abc123").json()
    assert [(message["role"], message["content"]) for message in history["messages"]] == [
        ("user", "Hello"),
        ("assistant", "You said: Hello"),
    ]
    assert history["messages"][1] == {
        "message_id": body["message_id"],
        "role": "assistant",
        "content": body["response"],
        "created_at": body["created_at"],
        "model_id": body["model_id"],
        "region": body["region"],
        "stop_reason": body["stop_reason"],
        "usage": body["usage"],
        "latency_ms": body["latency_ms"],
    }
    assert (history["title"], history["pending"], history["next_cursor"]) == ("Hello", None, None)


def test_the_same_call_again_continues_the_session(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    for _ in range(2):
        assert api.post("/chat", json={"message": "Hello", "session_id": "abc123"}).status_code == 200
    assert said(bedrock.requests[-1]) == [
        ("user", "Hello"),
        ("assistant", "You said: Hello"),
        ("user", "Hello"),
    ]
    assert len(api.get("/history/abc123").json()["messages"]) == 4


def test_makes_a_session_id_when_none_is_given(api: httpx.Client) -> None:
    first, second = (api.post("/chat", json={"message": "Hello"}).json()["session_id"] for _ in range(2))
    assert first != second
    assert re.fullmatch(r"[0-9a-f-]{36}", first)


def test_costs_are_exact(api: httpx.Client) -> None:
    usage = api.post("/chat", json={"message": "Hello"}).json()["usage"]
    nano = usage["input_tokens"] * 800 + usage["output_tokens"] * 3200
    assert usage["cost_usd"] == f"0.{nano:09d}"


@pytest.mark.parametrize(
    "text",
    ["שלום עולם \u202eabc", "👩‍👩‍👧‍👦 \U0001f600", "  leading and trailing \n", "line\r\nline\ttab", "<b>&amp;</b>"],
    ids=["right-to-left", "emoji", "white space", "control", "markup"],
)
def test_keeps_text_exactly(api: httpx.Client, bedrock: ScriptedBedrock, text: str) -> None:
    bedrock.reply(f"{text}!")
    answer = api.post("/chat", json={"message": text, "session_id": "s"})
    assert answer.json()["response"] == f"{text}!"
    assert said(bedrock.requests[-1]) == [("user", text)]
    assert [message["content"] for message in api.get("/history/s").json()["messages"]] == [text, f"{text}!"]


def test_the_system_prompt_is_kept_for_the_session(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    api.post("/chat", json={"message": "Hello", "session_id": "s", "system": "Be brief."})
    api.post("/chat", json={"message": "Again", "session_id": "s"})
    assert [request.body["system"] for request in bedrock.requests] == [[{"text": "Be brief."}]] * 2


def test_sends_what_the_caller_asked_for(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    order = {"message": "Hello", "model_id": "us.amazon.nova-micro-v1:0", "max_tokens": 7, "temperature": 0, "top_p": 1}
    assert api.post("/chat", json=order).json()["model_id"] == "us.amazon.nova-micro-v1:0"
    assert bedrock.requests[-1].body["inferenceConfig"] == {"maxTokens": 7, "temperature": 0.0, "topP": 1.0}


def test_thinking_reaches_neither_caller_nor_history(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.reply("<thinking>secret plan</thinking>\n\nHello there")
    assert api.post("/chat", json={"message": "Hi", "session_id": "s"}).json()["response"] == "Hello there"
    assert "secret" not in api.get("/history/s").text


def test_an_answer_with_half_a_surrogate_pair_is_kept_as_text(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.reply("half \ud83d pair \U0001f600")
    assert api.post("/chat", json={"message": "Hi", "session_id": "s"}).json()["response"] == "half ? pair \U0001f600"


def test_an_empty_answer_is_asked_for_once_more(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.reply("")
    assert api.post("/chat", json={"message": "Hi", "session_id": "s"}).json()["response"] == "You said: Hi"
    assert len(bedrock.requests) == 2


FAILURES: list[tuple[str, tuple[str, str], int, bool]] = [
    ("model_access_denied", ("AccessDeniedException", "account 123"), 502, False),
    ("model_error", ("ModelErrorException", "stack trace"), 502, False),
    ("model_error", ("ValidationException", "internal detail"), 502, False),
    ("content_blocked", ("ValidationException", "This request has been blocked by our content filters."), 422, False),
    ("deadline_exceeded", ("ModelTimeoutException", "worker 7"), 504, True),
]


@pytest.mark.parametrize(("code", "failure", "status", "retryable"), FAILURES, ids=[row[1][0] for row in FAILURES])
def test_a_failed_turn_leaves_its_message_pending(
    api: httpx.Client, bedrock: ScriptedBedrock, code: str, failure: tuple[str, str], status: int, retryable: bool
) -> None:
    api.post("/chat", json={"message": "First", "session_id": "s"})
    bedrock.fail(*failure, times=None)
    answer = api.post("/chat", json={"message": "Second", "session_id": "s"})
    assert problem(answer) == (status, code)
    assert failure[1] not in answer.text
    assert answer.json().get("retryable", False) is retryable
    assert ("retry-after" in answer.headers) is retryable
    history = api.get("/history/s").json()
    assert len(history["messages"]) == 2
    assert history["pending"] == {
        "message": "Second",
        "model_id": "us.amazon.nova-pro-v1:0",
        "created_at": history["pending"]["created_at"],
        "state": "failed",
        "error_code": code,
        "partial_response": None,
    }
    bedrock.reset()
    assert api.post("/chat", json={"message": "Second", "session_id": "s"}).status_code == 200
    after = api.get("/history/s").json()
    assert (len(after["messages"]), after["pending"]) == (4, None)


def test_two_empty_answers_are_a_model_error_and_not_stored(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.reply("", times=None)
    assert problem(api.post("/chat", json={"message": "Hi", "session_id": "s"})) == (502, "model_error")
    assert api.get("/history/s").json()["messages"] == []


def test_an_unreachable_bedrock_is_503_and_the_message_stays(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.unreachable()
    assert problem(api.post("/chat", json={"message": "Hi", "session_id": "s"})) == (503, "model_unavailable")
    assert api.get("/history/s").json()["pending"]["message"] == "Hi"


def test_an_unknown_model_changes_nothing(api: httpx.Client, bedrock: ScriptedBedrock) -> None:
    answer = api.post("/chat", json={"message": "Hi", "session_id": "s", "model_id": "amazon.nova-unheard-of"})
    assert problem(answer) == (400, "unknown_model")
    assert bedrock.requests == []
    assert problem(api.get("/history/s")) == (404, "session_not_found")


LONG = "x" * 100_001
BAD_FIELDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("no message", {}, "message", "required"),
    ("null message", {"message": None}, "message", "null"),
    ("empty message", {"message": ""}, "message", "blank"),
    ("blank message", {"message": " \n\t"}, "message", "blank"),
    ("number for text", {"message": 12}, "message", "invalid"),
    ("list for text", {"message": ["Hi"]}, "message", "invalid"),
    ("long message", {"message": LONG}, "message", "max_length"),
    ("heavy message", {"message": "\U0001f600" * 70_000}, "message", "max_bytes"),
    ("NUL", {"message": "a\u0000b"}, "message", "null_characters_not_allowed"),
    ("lone surrogate", {"message": "a\ud800b"}, "message", "surrogate_characters_not_allowed"),
    ("bad session id", {"message": "Hi", "session_id": "a b"}, "session_id", "invalid"),
    ("long session id", {"message": "Hi", "session_id": "a" * 129}, "session_id", "invalid"),
    ("number for session id", {"message": "Hi", "session_id": 5}, "session_id", "invalid"),
    ("text for number", {"message": "Hi", "max_tokens": "5"}, "max_tokens", "invalid"),
    ("no tokens", {"message": "Hi", "max_tokens": 0}, "max_tokens", "min_value"),
    ("too many tokens", {"message": "Hi", "max_tokens": 10**30}, "max_tokens", "max_value"),
    ("hot", {"message": "Hi", "temperature": 1.1}, "temperature", "max_value"),
    ("cold", {"message": "Hi", "top_p": -0.1}, "top_p", "min_value"),
    ("yes for number", {"message": "Hi", "temperature": True}, "temperature", "invalid"),
    ("misspelt field", {"message": "Hi", "sesion_id": "s"}, "sesion_id", "unknown"),
]


@pytest.mark.parametrize(("body", "attr", "code"), [row[1:] for row in BAD_FIELDS], ids=[row[0] for row in BAD_FIELDS])
def test_refuses_bad_fields_by_name(
    api: httpx.Client, bedrock: ScriptedBedrock, body: dict[str, Any], attr: str, code: str
) -> None:
    escaped = json.dumps(body)  # httpx would encode text itself, and cannot encode a lone surrogate
    answer = api.post("/chat", content=escaped, headers={"Content-Type": "application/json"})
    assert problem(answer) == (400, "invalid_request")
    assert [(error["attr"], error["code"]) for error in answer.json()["errors"]] == [(attr, code)]
    assert bedrock.requests == []
    assert api.get("/sessions").json() == {"sessions": [], "next_cursor": None}


BAD_BODIES: list[tuple[str, bytes, str, int, str]] = [
    ("not JSON", b"Hello", "application/json", 400, "invalid_request"),
    ("empty", b"", "application/json", 400, "invalid_request"),
    ("a list", b'["message"]', "application/json", 400, "invalid_request"),
    ("duplicate key", b'{"message": "a", "message": "b"}', "application/json", 400, "invalid_request"),
    ("NaN", b'{"message": "a", "top_p": NaN}', "application/json", 400, "invalid_request"),
    ("infinite", b'{"message": "a", "top_p": 1e999}', "application/json", 400, "invalid_request"),
    (
        "endless number",
        b'{"message": "a", "max_tokens": ' + b"9" * 5000 + b"}",
        "application/json",
        400,
        "invalid_request",
    ),
    ("not UTF-8", b'{"message": "\xff"}', "application/json", 400, "invalid_request"),
    ("deep", b"[" * 100_000, "application/json", 400, "invalid_request"),
    ("too large", b" " * (2 * 1024 * 1024 + 1), "application/json", 413, "payload_too_large"),
    ("a form", b"message=Hello", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ("plain text", b'{"message": "a"}', "text/plain", 415, "unsupported_media_type"),
]


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"), [row[1:] for row in BAD_BODIES], ids=[row[0] for row in BAD_BODIES]
)
def test_refuses_bad_bodies(api: httpx.Client, content: bytes, kind: str, status: int, code: str) -> None:
    answer = api.post("/chat", content=content, headers={"Content-Type": kind})
    assert problem(answer) == (status, code)
    assert api.get("/sessions").json() == {"sessions": [], "next_cursor": None}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_knows_no_other_method(api: httpx.Client, method: str) -> None:
    answer = api.request(method, "/chat")
    assert problem(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_a_path_that_is_not_there_is_a_problem(api: httpx.Client) -> None:
    assert problem(api.get("/chats")) == (404, "not_found")
    assert problem(api.post("/chat/", json={"message": "Hi"})) == (404, "not_found")


def test_nobody_is_let_in_where_anonymous_callers_are_not_allowed(api: httpx.Client, settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = False
    answer = api.post("/chat", json={"message": "Hi"})
    assert problem(answer) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_problem_names_its_request(api: httpx.Client) -> None:
    answer = api.get("/nowhere", headers={"X-Request-ID": "trace-7"})
    assert answer.headers["x-request-id"] == "trace-7"
    assert answer.json() == {
        "type": "urn:chatbot:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this path.",
        "code": "not_found",
        "request_id": "trace-7",
    }
