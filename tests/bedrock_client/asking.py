"""How the tests of this package ask: a short conversation, a deadline, and a clock that nobody waits for."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bedrock_client import (
    BedrockError,
    ModelReply,
    ModelRequest,
    ReplyStream,
    Stop,
    converse,
    converse_stream,
)
from core.deadline import Deadline

MODEL = "us.amazon.nova-pro-v1:0"
FALLBACK = "us.amazon.nova-lite-v1:0"


def question(text: str = "Hello", model_id: str = MODEL) -> ModelRequest:
    return ModelRequest(model_id, text, max_tokens=100)


@dataclass
class Pauses:
    """Pauses that are noted instead of waited for; the jitter always draws the longest."""

    taken: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.taken.append(seconds)

    @staticmethod
    def longest(_shortest: float, longest: float) -> float:
        return longest


def ask(text: str = "Hello", *, pauses: Pauses | None = None, seconds: float = 30.0) -> ModelReply:
    pauses = pauses or Pauses()
    return converse(question(text), deadline=Deadline.after(seconds), pause=pauses.pause, uniform=pauses.longest)


def ask_for_stream(
    text: str = "Hello",
    *,
    pauses: Pauses | None = None,
    seconds: float = 30.0,
    stall_seconds: float = 10.0,
    stop: Stop | None = None,
) -> ReplyStream:
    pauses = pauses or Pauses()
    return converse_stream(
        question(text),
        deadline=Deadline.after(seconds),
        stall_seconds=stall_seconds,
        stop=stop,
        pause=pauses.pause,
        uniform=pauses.longest,
    )


def read(stream: ReplyStream) -> ModelReply:
    """The reply of a stream that is read to its end. Its pieces are its text, and none of them is empty."""
    pieces = list(stream)
    assert all(pieces)
    assert "".join(pieces) == stream.text == stream.reply.text
    return stream.reply


def read_until_broken(stream: ReplyStream) -> tuple[list[str], BedrockError]:
    """The pieces that a stream says, and the error in which it ends."""
    pieces: list[str] = []
    try:
        for piece in stream:
            pieces.append(piece)  # noqa: PERF402  # a comprehension would lose what came before the error
    except BedrockError as error:
        return pieces, error
    raise AssertionError("the stream did not break")


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns as soon as the condition holds; the test fails if it does not within five seconds."""
    until = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)
