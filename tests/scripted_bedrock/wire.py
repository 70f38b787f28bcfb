"""Bedrock's wire formats: what a model call looks like when it arrives, and the bodies that go back.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

JSON = {"Content-Type": "application/json"}

STATUS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "UnrecognizedClientException": 403,
    "ValidationException": 400,
}


@dataclass(frozen=True)
class ModelCall:
    """A call as it arrived: `operation` is `converse` or `converse-stream`; the region is that of its signature."""

    operation: str
    model_id: str
    region: str
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def last_text(self) -> str:
        """What the user said last."""
        text: str = self.body["messages"][-1]["content"][0]["text"]
        return text


@dataclass(frozen=True)
class Tokens:
    """Usage of an answer; the cached counts are left out of the body when they are None, as Bedrock does."""

    input: int
    output: int
    cache_read: int | None = None
    cache_write: int | None = None

    def to_wire(self) -> dict[str, int]:
        cached = {"cacheReadInputTokens": self.cache_read, "cacheWriteInputTokens": self.cache_write}
        named = {name: count for name, count in cached.items() if count is not None}
        total = self.input + self.output + sum(named.values())
        return {"inputTokens": self.input, "outputTokens": self.output, "totalTokens": total, **named}


@dataclass(frozen=True)
class HTTPAnswer:
    """A status, headers and a body; `cut` sends only half of the body and closes the connection."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    cut: bool = False


def error_answer(code: str, message: str, *, retry_after: int | None = None) -> HTTPAnswer:
    headers = {**JSON, "x-amzn-ErrorType": f"{code}:http://internal.amazon.com/coral/com.amazon.bedrock/"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return HTTPAnswer(STATUS[code], json.dumps({"message": message}).encode(), headers)


def converse_answer(texts: tuple[str, ...], tokens: Tokens, stop_reason: str) -> HTTPAnswer:
    body = {
        "metrics": {"latencyMs": 321},
        "output": {"message": {"content": [{"text": text} for text in texts], "role": "assistant"}},
        "stopReason": stop_reason,
        "usage": tokens.to_wire(),
    }
    return HTTPAnswer(200, json.dumps(body).encode())


def cut_answer(text: str) -> HTTPAnswer:
    """An answer that breaks off in the middle of its text."""
    return replace(converse_answer((text * 3,), Tokens(1, 1), "end_turn"), cut=True)


def estimated_tokens(call: ModelCall, texts: tuple[str, ...]) -> Tokens:
    """The same count for the same words, always: four characters are a token."""
    said = [block["text"] for message in call.body["messages"] for block in message["content"]]
    system = [block["text"] for block in call.body.get("system", [])]
    return Tokens(input=_count([*system, *said]), output=_count(texts))


def _count(texts: list[str] | tuple[str, ...]) -> int:
    return sum(len(text) // 4 + 1 for text in texts if text)
