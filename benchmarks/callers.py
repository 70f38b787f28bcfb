"""One caller: what is said, in which session, and whether the answer is one."""

import asyncio
import json
import time

from benchmarks.bedrock_answers import lags
from benchmarks.cases import Case
from benchmarks.http_client import Connection, Head
from benchmarks.measurement import Chat
from benchmarks.words import QUESTION

_OK = 200
_ANSWER_SECONDS = 30
# Bytes of a wrong answer that are told.
_SHOWN = 300
# As many sessions as the process's session cache (32 MB) holds with room to spare.
_WARM_SESSIONS = 192


class Caller:
    """One person at a time on one connection; every chat in another session, but for warm ones."""

    def __init__(self, case: Case, name: str, number: int) -> None:
        self._case, self.stream = case, case.stream
        self._sessions = f"{'bench' if case.history == 'new' else case.history}-{name}-{number}"
        self._said = 0

    def body(self) -> bytes:
        """The next chat."""
        number = self._said
        if self._case.history == "warm":
            number %= self.warm_sessions
        self._said += 1
        body = {"message": QUESTION, "session_id": f"{self._sessions}-{number}"}
        return json.dumps(body | ({"stream": True} if self.stream else {})).encode()

    @property
    def warm_sessions(self) -> int:
        return _WARM_SESSIONS // self._case.callers


class WrongAnswer(Exception):
    """The server answered, but not the chat."""


async def chat(connection: Connection, body: bytes, *, stream: bool) -> Chat:
    """One chat from its first byte to its last. Raises WrongAnswer, TimeoutError, and what the connection raises."""
    async with asyncio.timeout(_ANSWER_SECONDS):
        return await _answered(connection, body, stream=stream)


async def _answered(connection: Connection, body: bytes, *, stream: bool) -> Chat:
    begun = time.perf_counter()
    head = await connection.send("POST", "/chat", body)
    if head.status != _OK or head.is_event_stream != stream:
        start = (await connection.body(head))[:_SHOWN].decode(errors="replace")
        raise WrongAnswer(f"status {head.status}: {start}")
    if stream:
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
