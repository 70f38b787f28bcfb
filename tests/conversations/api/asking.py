"""How these tests read answers and requests."""

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
