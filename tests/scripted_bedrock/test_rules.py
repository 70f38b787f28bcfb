"""The scripted Bedrock refuses what the real one refuses: a test cannot pass on what production would not accept."""

from typing import Any

import pytest

from .rules import refusal

USER = {"role": "user", "content": [{"text": "Hello"}]}
ASSISTANT = {"role": "assistant", "content": [{"text": "Hi"}]}
GOOD: dict[str, Any] = {
    "messages": [USER, ASSISTANT, USER],
    "inferenceConfig": {"maxTokens": 1, "temperature": 0, "topP": 1},
}


def test_takes_a_good_request() -> None:
    assert refusal(GOOD) is None


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [ASSISTANT, USER]}, "must start with a user message"),
        ({"messages": [USER, USER]}, "must alternate"),
        ({"messages": [USER, {"role": "system", "content": [{"text": "x"}]}]}, "must be one of user, assistant"),
        ({"messages": [{"role": "user", "content": []}]}, "is empty"),
        ({"messages": [{"role": "user", "content": [{"text": " \n"}]}]}, "is blank"),
        ({"system": [{"text": ""}]}, "is blank"),
        ({"inferenceConfig": {}}, "maxTokens"),
        ({"inferenceConfig": {"maxTokens": 0}}, "maxTokens"),
        ({"inferenceConfig": {"maxTokens": 1, "temperature": 1.1}}, "temperature"),
        ({"inferenceConfig": {"maxTokens": 1, "topP": -0.1}}, "topP"),
    ],
)
def test_refuses_what_bedrock_refuses(changes: dict[str, Any], complaint: str) -> None:
    assert complaint in (refusal({**GOOD, **changes}) or "")
