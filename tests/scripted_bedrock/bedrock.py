"""The scripted Bedrock as a test sees it."""

import json
import threading
from typing import Any

from .control_plane import ControlPlane
from .rules import refusal
from .script import Hang, Raw, Reply, Reset, Script, Step, Together, echo
from .server import Handler, Server
from .wire import HTTPAnswer, ModelCall, Tokens, error_answer


class ScriptedBedrock:
    """A Bedrock in this process. Without a script it answers `You said: …`.

    What a real Bedrock refuses is refused, whatever the script says. `requests` are the model calls that arrived,
    refused ones too; `control_plane` holds the lists of models. `times=None` means until `reset`.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: Server | None = None
        self._over = threading.Event()
        self.reset()

    def reset(self) -> None:
        """As on the first day: reachable, no script, nothing recorded, nobody kept waiting."""
        self._over.set()
        self._over = threading.Event()
        self._script = Script()
        self.requests: list[ModelCall] = []
        self.control_plane = ControlPlane()
        self._server = self._server or Server(self._port, self)

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

    def cut(self, *, times: int | None = 1) -> None:
        """Begin an answer and break off in the middle of its body."""
        self._add(Raw(HTTPAnswer(200, b'{"output": {"message": {"content": [{"text": "Hel', cut=True)), times, {})

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
        if step is None:
            echo(call, connection)
        else:
            step.play(call, connection)

    def listing(self, target: str) -> HTTPAnswer | None:
        return self.control_plane.answer(target)

    def _add(self, step: Step, times: int | None, only: dict[str, str]) -> None:
        self._script.add(step, times=times, **only)
