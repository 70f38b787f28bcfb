"""The scripted Bedrock as a test sees it."""

import json
import threading
from typing import Any

from .control_plane import ControlPlane
from .rules import refusal
from .script import Hang, Raw, Reply, Reset, Script, Step, Together, echo
from .server import Handler, Server
from .streams import Gate, Stream
from .wire import HTTPAnswer, ModelCall, Tokens, error_answer


class ScriptedBedrock:
    """A Bedrock in this process. Without a script it answers `You said: …`.

    What a real Bedrock refuses is refused, whatever the script says. `requests` are the model calls that arrived,
    refused ones too; `control_plane` holds the lists of models. `times=None` means until `reset`. A line of the script
    serves `converse` and `converse-stream` alike.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: Server | None = None
        self._over = threading.Event()
        self._gates: list[Gate] = []
        self.reset()

    def reset(self) -> None:
        """As on the first day: reachable, no script, nothing recorded, nobody kept waiting."""
        self._over.set()
        self._over = threading.Event()
        for gate in self._gates:
            gate.open()
        self._gates = []
        self._left: list[ModelCall] = []
        self._script = Script()
        self.requests: list[ModelCall] = []
        self.control_plane = ControlPlane()
        self._server = self._server or Server(self._port, self)

    @property
    def closed_early(self) -> int:
        """How many streams the caller closed before they had come to their end."""
        return len(self._left)

    @property
    def connections_made(self) -> int:
        """How many connections callers have opened since the server began to listen."""
        return self._server.accepted if self._server else 0

    @property
    def connections_open(self) -> int:
        """How many of them are open now, those that wait in callers' pools among them."""
        return self._server.open_connections if self._server else 0

    def unreachable(self) -> None:
        """Nobody listens any more: connections are refused until `reset`."""
        if self._server:
            self._server.stop()
            self._server = None

    def reply(
        self,
        *texts: str,
        usage: Tokens | None = None,
        stop_reason: str = "end_turn",
        times: int | None = 1,
        **only: str,
    ) -> None:
        """Answer with these text blocks. `only`: `region` or `model_id` of the calls meant, here and below."""
        self._add(Reply(texts, usage, stop_reason), times, only)

    def fail(
        self,
        code: str,
        message: str = "scripted",
        *,
        retry_after: int | None = None,
        times: int | None = 1,
        **only: str,
    ) -> None:
        """Refuse with this exception of Bedrock's."""
        self._add(Raw(error_answer(code, message, retry_after=retry_after)), times, only)

    def raw(
        self, status: int, body: bytes | dict[str, Any], *, headers: dict[str, str] | None = None, times: int | None = 1
    ) -> None:
        """Answer with these bytes, or this JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._add(Raw(HTTPAnswer(status, content, headers or {"Content-Type": "application/json"})), times, {})

    def gate(self) -> Gate:
        """A gate to put between the pieces of a stream. The end of the test opens it at the latest."""
        self._gates.append(Gate())
        return self._gates[-1]

    def stream(
        self,
        *pieces: str | bytes | Gate,
        end: str = "whole",
        usage: Tokens | None = None,
        stop_reason: str = "end_turn",
        seconds: float = 30.0,
        keep_alive: bool = True,
        times: int | None = 1,
        **only: str,
    ) -> None:
        """Stream these pieces, each a delta of its own (bytes: a frame), and come to this end, see `streams`.

        `seconds` is how long a silence lasts.
        """
        self._add(Stream(pieces, end, usage, stop_reason, seconds, keep_alive, self._over), times, only)

    def cut(self, *, times: int | None = 1) -> None:
        """Begin an answer and break off in the middle of it."""
        self.stream("Hel", end="cut", times=times)

    def hang(self, seconds: float = 30.0, *, times: int | None = 1, **only: str) -> None:
        """Take the call and say nothing."""
        self._add(Hang(seconds, self._over), times, only)

    def reset_connection(self, *, times: int | None = 1, **only: str) -> None:
        """Take the call and break the connection."""
        self._add(Reset(), times, only)

    def together(self, calls: int) -> None:
        """Answer the next calls only when so many of them wait at once."""
        self._add(Together(threading.Barrier(calls, timeout=20)), calls, {})

    def model_call(self, call: ModelCall, connection: Handler) -> None:
        self.requests.append(call)
        complaint = refusal(call.body)
        if not self.control_plane.knows(call.model_id):
            complaint = "The provided model identifier is invalid."
        if complaint:
            connection.answer(error_answer("ValidationException", complaint))
            return
        step = self._script.next_for(call)
        left = self._left  # of this test, even if the caller leaves when the next one has begun
        try:
            if step is None:
                echo(call, connection)
            else:
                step.play(call, connection)
        except ConnectionError:
            if call.operation == "converse-stream":
                left.append(call)
            raise

    def listing(self, target: str) -> HTTPAnswer | None:
        return self.control_plane.answer(target)

    def _add(self, step: Step, times: int | None, only: dict[str, str]) -> None:
        self._script.add(step, times=times, **only)
