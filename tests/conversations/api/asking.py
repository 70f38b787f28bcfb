"""How these tests read answers and requests."""

import json
from typing import Any

import httpx

from tests.scripted_bedrock.wire import ModelCall


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status and code of a problem, which must be one in form too."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, body["code"]


def said(call: ModelCall) -> list[tuple[str, str]]:
    """The conversation as it was sent to the model."""
    return [(message["role"], message["content"][0]["text"]) for message in call.body["messages"]]


def events(answer: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, in their order; comments are left out."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/event-stream"
    return parsed(answer.content)


def parsed(stream: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Events from their bytes, which must be what this service promises: a name, one line of JSON, an empty line."""
    found = []
    for block in stream.decode().split("\n\n")[:-1]:
        if not block.startswith(":"):
            name, data = block.split("\n")
            assert name.startswith("event: ")
            assert data.startswith("data: ")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found
