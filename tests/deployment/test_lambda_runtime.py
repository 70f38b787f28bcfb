"""The function's own entry point, asked by AWS's runtime client: every kind of event, many in one process."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from conversations.store.tables import SESSION_KEY, SessionRow
from tests.conversations.api.asking import parsed
from tests.deployment.lambda_runtime import Failed, FunctionProcess, RuntimeAPI
from tests.deployment.lambda_runtime.answers import Answer, read
from tests.events import KINDS, recorded, variant
from tests.scripted_bedrock import ScriptedBedrock

pytestmark = [
    pytest.mark.usefixtures("tables"),
    pytest.mark.skipif(importlib.util.find_spec("awslambdaric") is None, reason="awslambdaric is not installed"),
]
Start = Callable[..., RuntimeAPI]

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
# Of every answer but static files', which say themselves how long they may be kept.
ALWAYS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-request-id": "of-lambda",
}
FRAMED = ALWAYS | {"x-frame-options": "DENY"}


@pytest.fixture(scope="module")
def start(ministack: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a function. None survives the tests of this module."""
    with ExitStack() as functions:

        def begin(**variables: str) -> RuntimeAPI:
            api = RuntimeAPI()
            functions.callback(api.close)
            hosts = ".on.aws,.amazonaws.com,chat.example.com"
            folder = tmp_path_factory.mktemp("function")
            process = FunctionProcess(api.address, folder, **({"DJANGO_ALLOWED_HOSTS": hosts} | variables))
            functions.callback(process.kill)
            return api

        yield begin


@pytest.fixture(scope="module")
def function(start: Start, tmp_path_factory: pytest.TempPathFactory) -> RuntimeAPI:
    """One that was initialised once, with a file to serve."""
    static = tmp_path_factory.mktemp("static")
    (static / "pixel.png").write_bytes(PIXEL)
    return start(STATIC_ROOT=str(static))


def ask(function: RuntimeAPI, event: dict[str, Any], *, seconds: float = 30) -> Answer:
    return read(function.invoke(event, seconds=seconds, request_id="of-lambda"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_chat_is_answered_in_json(function: RuntimeAPI, bedrock: ScriptedBedrock, kind: str) -> None:
    answer = ask(function, recorded(kind))
    body = json.loads(answer.body)
    made = {name: body[name] for name in ("message_id", "created_at", "latency_ms", "usage")}
    assert body == made | {
        "response": "You said: Hello",
        "session_id": "abc123",
        "model_id": "us.amazon.nova-pro-v1:0",
        "region": "us-east-1",
        "stop_reason": "end_turn",
    }
    length = str(len(answer.body))
    headers = FRAMED | {"content-type": "application/json", "content-length": length, "allow": "POST"}
    assert answer == Answer(200, headers, [], encoded=False, body=answer.body)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_comes_in_one_piece(function: RuntimeAPI, bedrock: ScriptedBedrock, kind: str) -> None:
    bedrock.stream("Grüße", " \U0001f600")
    order = json.dumps({"message": "Hello", "session_id": "s", "stream": True})
    answer = ask(function, variant(kind, "POST", "/chat", body=order))
    told = parsed(answer.body)
    assert [name for name, _ in told] == ["start", "delta", "delta", "done"]
    assert told[-1][1]["response"] == "Grüße \U0001f600"
    headers = FRAMED | {"content-type": "text/event-stream", "x-accel-buffering": "no", "allow": "POST"}
    assert answer == Answer(200, headers, [], encoded=False, body=answer.body)


@pytest.mark.parametrize("kind", KINDS)
def test_the_root_says_what_this_is(function: RuntimeAPI, kind: str) -> None:
    answer = ask(function, variant(kind, "GET", "/"))
    length = str(len(answer.body))
    headers = FRAMED | {"content-type": "application/json", "content-length": length, "allow": "GET, HEAD"}
    assert json.loads(answer.body)["name"] == "Chatbot API"
    assert answer == Answer(200, headers, [], encoded=False, body=answer.body)


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_that_is_not_there_is_a_problem(function: RuntimeAPI, kind: str) -> None:
    answer = ask(function, variant(kind, "GET", "/nowhere"))
    assert json.loads(answer.body) == {
        "type": "urn:chatbot:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this path.",
        "code": "not_found",
        "request_id": "of-lambda",
    }
    headers = FRAMED | {"content-type": "application/problem+json", "content-length": str(len(answer.body))}
    assert answer == Answer(404, headers, [], encoded=False, body=answer.body)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_comes_byte_for_byte(function: RuntimeAPI, kind: str) -> None:
    answer = ask(function, variant(kind, "GET", "/static/pixel.png"))
    headers = ALWAYS | {
        "access-control-allow-origin": "*",
        "cache-control": "max-age=60, public",
        "content-length": str(len(PIXEL)),
        "content-type": "image/png",
        "etag": answer.headers["etag"],
        "last-modified": answer.headers["last-modified"],
    }
    assert answer == Answer(200, headers, [], encoded=True, body=PIXEL)


@pytest.mark.parametrize("kind", KINDS)
def test_the_sign_in_of_staff_sets_its_cookie(function: RuntimeAPI, kind: str) -> None:
    answer = ask(function, variant(kind, "GET", "/admin/login/"))
    (cookie,) = answer.cookies
    name, _, attributes = cookie.partition("; ")
    assert name.startswith("csrftoken=")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} < set(attributes.split("; "))
    assert (answer.status, answer.headers["content-type"], answer.encoded) == (200, "text/html; charset=utf-8", False)


def test_a_turn_ends_before_the_functions_time_does(function: RuntimeAPI, bedrock: ScriptedBedrock) -> None:
    bedrock.hang()
    answer = ask(function, recorded("function_url"), seconds=7)
    assert (answer.status, json.loads(answer.body)["code"]) == (504, "deadline_exceeded")
    assert SessionRow.get("abc123", SESSION_KEY).state == "failed"
    # And the process goes on.
    assert ask(function, variant("function_url", "GET", "/health")).status == 200


def test_a_failed_invocation_is_told_and_the_next_one_is_answered(function: RuntimeAPI) -> None:
    with pytest.raises(Failed, match="/error: "):
        function.invoke({"not": "a request"})
    assert ask(function, variant("function_url", "GET", "/health")).body == b'{"status":"ok"}'


def test_starts_while_dynamodb_is_away(start: Start) -> None:
    function = start(AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9")
    assert ask(function, variant("function_url", "GET", "/health")).status == 200
    answer = ask(function, recorded("function_url"))
    assert (answer.status, json.loads(answer.body)["code"]) == (503, "store_unavailable")


def test_unsafe_settings_fail_the_start(start: Start) -> None:
    with pytest.raises(Failed, match="DJANGO_SECRET_KEY must have at least 50 random characters"):
        start(DJANGO_SECRET_KEY="short").invoke(recorded("function_url"))
