"""The same application behind apig-wsgi: streams in one piece, and a deadline within the function's time."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from apig_wsgi import make_lambda_handler

from chatbot_project.wsgi import application
from conversations.store.tables import SESSION_KEY, SessionRow
from tests.conversations.api.asking import parsed
from tests.scripted_bedrock import ScriptedBedrock

handler = make_lambda_handler(application)
pytestmark = pytest.mark.usefixtures("tables")


@dataclass
class Context:
    """What Lambda hands to a function beside its event."""

    milliseconds: int = 300_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def post(path: str, body: dict[str, Any], context: Context | None = None) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a Function URL's request."""
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "localhost", "content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = handler(event, context or Context())
    text = answer["body"]
    return (
        answer["statusCode"],
        answer["headers"],
        base64.b64decode(text) if answer["isBase64Encoded"] else text.encode(),
    )


def test_a_stream_comes_in_one_piece_at_the_end(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("Grüße", " \U0001f600")
    status, headers, body = post("/chat", {"message": "Hello", "session_id": "s", "stream": True})
    assert (status, headers["content-type"]) == (200, "text/event-stream")
    names, bodies = zip(*parsed(body), strict=True)
    assert names == ("start", "delta", "delta", "done")
    assert bodies[-1]["response"] == "Grüße \U0001f600"


def test_a_broken_stream_ends_in_an_error_event(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("Half", end="eof")
    status, _, body = post("/chat", {"message": "Hello", "stream": True})
    assert (status, [name for name, _ in parsed(body)]) == (200, ["start", "delta", "error"])


def test_a_turn_ends_before_the_functions_time_does(bedrock: ScriptedBedrock) -> None:
    bedrock.hang()
    status, _, body = post("/chat", {"message": "Hello", "session_id": "s"}, Context(milliseconds=7_000))
    assert (status, json.loads(body)["code"]) == (504, "deadline_exceeded")
    assert SessionRow.get("s", SESSION_KEY).state == "failed"


@pytest.mark.parametrize("stream", [False, True])
def test_a_function_without_time_says_so_and_keeps_the_message(bedrock: ScriptedBedrock, stream: bool) -> None:
    order = {"message": "Hello", "session_id": "s", "stream": stream}
    status, _, body = post("/chat", order, Context(milliseconds=5_000))
    assert (status, json.loads(body)["code"]) == (504, "deadline_exceeded")
    assert (SessionRow.get("s", SESSION_KEY).pending.message, bedrock.requests) == ("Hello", [])
