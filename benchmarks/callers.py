"""One caller: what is asked, in which session, and whether the answer is one."""

import asyncio
import json
import time
from dataclasses import dataclass

from benchmarks.bedrock_answers import lags
from benchmarks.cases import Case
from benchmarks.http_client import Connection, Head
from benchmarks.measurement import Chat
from benchmarks.words import QUESTION

_OK = 200
_ANSWER_SECONDS = 60
# Bytes of a wrong answer that are told.
_SHOWN = 300
# As many sessions with a full context as the process's session cache (32 MB) holds.
_SESSIONS_AGAIN = 96


@dataclass(frozen=True)
class Request:
    """What goes out; `stream` is what is expected back."""

    method: str
    path: str
    body: bytes = b""
    stream: bool = False


def say(session_id: str, *, stream: bool = False) -> Request:
    """The question, in this session."""
    body = {"message": QUESTION, "session_id": session_id}
    return Request("POST", "/chat", json.dumps(body | ({"stream": True} if stream else {})).encode(), stream)


class Caller:
    """One person at a time on one connection; every chat in another session, but for those that come again."""

    def __init__(self, case: Case, name: str, number: int) -> None:
        self._case = case
        self._sessions = f"{case.sessions}-{name}-{number}"
        self._asked = 0

    def request(self) -> Request:
        """The next one."""
        number = self._asked
        if self._case.comes_again:
            number %= self.sessions_again
        self._asked += 1
        session_id = f"{self._sessions}-{number}"
        if self._case.asks == "chat":
            return say(session_id, stream=self._case.stream)
        return Request("GET", f"/history/{session_id}" if self._case.asks == "history" else f"/{self._case.asks}")

    @property
    def sessions_again(self) -> int:
        """How many there are of those that come again."""
        return max(1, _SESSIONS_AGAIN // self._case.callers)


class WrongAnswer(Exception):
    """The server answered, but not what was asked for."""


async def ask(connection: Connection, request: Request) -> Chat:
    """One request from its first byte to the last of its answer.

    Raises WrongAnswer, TimeoutError, and what the connection raises.
    """
    async with asyncio.timeout(_ANSWER_SECONDS):
        return await _answered(connection, request)


async def _answered(connection: Connection, request: Request) -> Chat:
    begun = time.perf_counter()
    head = await connection.send(request.method, request.path, request.body)
    if head.status != _OK or head.is_event_stream != request.stream:
        start = (await connection.body(head))[:_SHOWN].decode(errors="replace")
        raise WrongAnswer(f"status {head.status}: {start}")
    if request.stream:
        return await _streamed(connection, head, begun)
    await connection.body(head)
    return Chat(_since(begun))


async def _streamed(connection: Connection, head: Head, begun: float) -> Chat:
    first: float | None = None
    late: list[float] = []
    last = b""
    async for received in connection.pieces(head):
        for event in received.split(b"\n\n"):  # the server writes events whole
            if event.startswith(b"event: delta"):
                first = first or _since(begun)
                late += lags(event)
            last = event or last
    if not last.startswith(b"event: done"):
        raise WrongAnswer(f"a stream that ends with: {last[:_SHOWN].decode(errors='replace')}")
    return Chat(_since(begun), first, late)


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
