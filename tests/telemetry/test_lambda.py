"""On Lambda: the invocation's trace, and everything told before the function is frozen."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django import Settings

from deployment.lambda_handler import handler
from telemetry.emf import EMF
from telemetry.invocations import invocation
from telemetry.metrics import LIMITS_UNCHECKED
from tests.events import recorded
from tests.measured import measuring_into
from tests.scripted_bedrock import ScriptedBedrock

from .conftest import Heard

TRACE = "0af7651916cd43dd8448eb211c80319c"


@dataclass
class Context:
    """What Lambda hands to a function beside its event."""

    aws_request_id: str = "of-lambda"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def printed() -> Iterator[list[dict[str, Any]]]:
    """What CloudWatch is told from now on."""
    printed: list[dict[str, Any]] = []
    with measuring_into(EMF("chatbot-api", lambda line: printed.append(json.loads(line)))):
        yield printed


@pytest.mark.parametrize("stream", [False, True])
def test_a_turn_is_told_whole_before_the_answer(
    tables: None,
    bedrock: ScriptedBedrock,
    heard: Heard,
    printed: list[dict[str, Any]],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    stream: bool,
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent=b7ad6b7169203331;Sampled=1")
    event = recorded("alb") | {
        "headers": {"host": "localhost", "content-type": "application/json"},
        "body": json.dumps({"message": "Hello", "stream": stream}),
        "isBase64Encoded": False,
    }

    assert handler(event, Context())["statusCode"] == 200

    (turn,), (request,) = heard.lines("turn"), heard.lines("request")
    assert (turn["outcome"], turn["trace_id"], turn["request_id"]) == ("answered", TRACE, "of-lambda")
    assert (request["route"], request["trace_id"]) == ("/chat", TRACE)
    names = {name for document in printed for name in document}
    assert {"chatbot_turns_total", "gen_ai_client_token_usage", "http_server_request_duration_seconds"} <= names
    assert {document["service"] for document in printed} == {"chatbot-api"}


def test_what_is_measured_beside_requests_is_told_at_the_end_of_the_invocation(printed: list[dict[str, Any]]) -> None:
    with invocation(""):
        LIMITS_UNCHECKED.add("rate")

    assert [document["chatbot_limits_unchecked_total"] for document in printed] == [1.0]
