"""The caller's side of a turn: what was asked, and what was heard of it."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.conversations.api.asking import events, problem

SESSION = "s"
# Codes of problems after which asking again can help, and which must say when.
RETRYABLE = {"turn_in_progress", "model_throttled", "model_unavailable", "store_unavailable", "deadline_exceeded"}


@dataclass(frozen=True)
class Question:
    """A message with an Idempotency-Key (empty: without one), to be answered as JSON or as a stream."""

    message: str
    key: str = ""
    stream: bool = False


@dataclass(frozen=True)
class Heard:
    """Either the `answer` (the JSON body, or that of `done`) or the `problem` (likewise, or that of `error`).

    `said` are the deltas of a stream, put together; `content` is everything, byte for byte.
    """

    answer: dict[str, Any] | None
    problem: dict[str, Any] | None
    said: str
    content: bytes
    replayed: bool


def ask(api: httpx.Client, question: Question) -> Heard:
    """What comes back, which is whole in itself: a problem says when to come back exactly where that can help."""
    body = {"message": question.message, "session_id": SESSION, "stream": question.stream}
    headers = {"Idempotency-Key": question.key} if question.key else {}
    response = api.post("/chat", json=body, headers=headers)
    if response.status_code != httpx.codes.OK:
        return _refused(response)
    heard = _streamed(response) if question.stream else _heard(response, answer=response.json())
    _assert_says_when_to_come_back(heard.problem)
    return heard


def _refused(response: httpx.Response) -> Heard:
    problem(response)
    heard = _heard(response, problem=response.json())
    _assert_says_when_to_come_back(heard.problem)
    assert response.headers.get("retry-after", "") == str(response.json().get("retry_after", ""))
    return heard


def _streamed(response: httpx.Response) -> Heard:
    start, *deltas, last = events(response)
    assert [name for name, _ in (start, *deltas)] == ["start"] + ["delta"] * len(deltas)
    said = "".join(data["text"] for _, data in deltas)
    if last[0] == "done":
        assert said == last[1]["response"]
        assert start[1].items() <= last[1].items()
        return _heard(response, answer=last[1], said=said)
    assert last[0] == "error"
    return _heard(response, problem=last[1], said=said)


def _heard(
    response: httpx.Response,
    *,
    answer: dict[str, Any] | None = None,
    problem: dict[str, Any] | None = None,
    said: str = "",
) -> Heard:
    replayed = response.headers.get("idempotency-replayed") == "true"
    return Heard(answer, problem, said, response.content, replayed)


def _assert_says_when_to_come_back(told: dict[str, Any] | None) -> None:
    if told is None:
        return
    if told["code"] in RETRYABLE:
        assert told["retryable"] is True
        assert told["retry_after"] >= 1
    else:
        assert not {"retryable", "retry_after"} & told.keys()
