"""What a test wants to happen next: steps, each for a number of calls, taken in the order they were written."""

import threading
from dataclasses import dataclass
from typing import Protocol

from . import frames
from .connection import Connection
from .wire import HTTPAnswer, ModelCall, Tokens, converse_answer, estimated_tokens


class Step(Protocol):
    """One thing that becomes of a call."""

    def play(self, call: ModelCall, connection: Connection, /) -> None: ...


@dataclass(frozen=True)
class Reply:
    """The model answers. The call's operation decides how the same answer is put on the wire."""

    texts: tuple[str, ...]
    tokens: Tokens | None = None
    stop_reason: str = "end_turn"

    def play(self, call: ModelCall, connection: Connection, /) -> None:
        tokens = self.tokens or estimated_tokens(call, self.texts)
        if call.operation == "converse":
            connection.answer(converse_answer(self.texts, tokens, self.stop_reason))
            return
        connection.begin_stream()
        for frame in frames.answer(self.texts, tokens, self.stop_reason):
            connection.send(frame)
        connection.end_stream()


@dataclass(frozen=True)
class Raw:
    """These very bytes."""

    http: HTTPAnswer

    def play(self, _call: ModelCall, connection: Connection, /) -> None:
        connection.answer(self.http)


@dataclass(frozen=True)
class Reset:
    """The connection breaks."""

    def play(self, _call: ModelCall, connection: Connection, /) -> None:
        connection.reset()


@dataclass(frozen=True)
class Hang:
    """Nothing for so many seconds, or until the test is over; then the connection breaks."""

    seconds: float
    over: threading.Event

    def play(self, _call: ModelCall, connection: Connection, /) -> None:
        connection.wait(self.over, self.seconds)
        connection.reset()


@dataclass(frozen=True)
class Together:
    """Nobody is answered before as many calls as the barrier counts are there at once."""

    barrier: threading.Barrier

    def play(self, call: ModelCall, connection: Connection, /) -> None:
        self.barrier.wait()
        echo(call, connection)


def echo(call: ModelCall, connection: Connection) -> None:
    """The answer when nothing is scripted."""
    Reply((f"You said: {call.last_text}",)).play(call, connection)


@dataclass
class _Line:
    step: Step
    times: float
    region: str | None
    model_id: str | None


class Script:
    """The steps not yet played. A step may wait for the calls of one region or one model only."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._lock = threading.Lock()

    def add(self, step: Step, *, times: int | None, region: str | None = None, model_id: str | None = None) -> None:
        self._lines.append(_Line(step, float("inf") if times is None else times, region, model_id))

    def next_for(self, call: ModelCall) -> Step | None:
        with self._lock:
            for line in self._lines:
                if line.times > 0 and line.region in {None, call.region} and line.model_id in {None, call.model_id}:
                    line.times -= 1
                    return line.step
        return None
