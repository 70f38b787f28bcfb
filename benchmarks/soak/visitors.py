"""Those who use the server during a soak run: they chat, listen, hang up, read, and ask for what there is not."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.callers import Request, say
from benchmarks.http_client import Connection

_ANSWER_SECONDS = 60
_SESSIONS = 4
# A visitor hangs up in the midst of a stream after so many pieces of its answer.
_PIECES_HEARD = 5
# What each kind of request may be answered with. 502 is a model that refuses, 429 one that is throttled to the end.
_CHAT = {200, 429, 502}


class Visitor:
    """Does one thing after the other, in the same order always, and counts what came of it in `seen`."""

    def __init__(self, port: int, number: int, seen: "Counter[str]") -> None:
        self._port, self._name, self._seen = port, f"soak-{number}", seen
        self._steps = number
        self._connection: Connection | None = None
        session = f"cold50-{self._name}"
        self._kinds: list[Callable[[], Awaitable[None]]] = [
            lambda: self._ask("chat, new session", say(f"new-{self._name}-{self._steps}"), _CHAT),
            lambda: self._ask("chat, old session", say(self._old_session()), _CHAT),
            lambda: self._ask("stream", say(f"new-{self._name}-{self._steps}", stream=True), _CHAT),
            self._hang_up,
            lambda: self._ask("history", Request("GET", f"/history/{session}"), {200}),
            lambda: self._ask("sessions", Request("GET", "/sessions"), {200}),
            lambda: self._ask("models", Request("GET", "/models"), {200}),
            lambda: self._ask("wrong body", Request("POST", "/chat", b"{"), {400}),
            lambda: self._ask("unknown session", Request("GET", "/history/new-nobody"), {404}),
        ]

    async def step(self) -> None:
        """The next thing. What should not be is counted under `WRONG …`."""
        kind = self._kinds[self._steps % len(self._kinds)]
        self._steps += 1
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await kind()
        except (OSError, EOFError, TimeoutError, ValueError) as error:  # the last: a body that cannot be read
            self._seen[f"WRONG {type(error).__name__}: {error}"] += 1
            await self.leave()

    async def leave(self) -> None:
        """Closes the connection; the next step opens another."""
        if self._connection:
            await self._connection.close()
        self._connection = None

    async def _connected(self) -> Connection:
        self._connection = self._connection or await Connection.to(self._port)
        return self._connection

    async def _ask(self, what: str, request: Request, expected: set[int]) -> None:
        connection = await self._connected()
        head = await connection.send(request.method, request.path, request.body)
        body = await connection.body(head)
        is_whole = not head.is_event_stream or _ends_as_it_should(body)
        is_expected = head.status in expected and is_whole
        self._seen[f"{'' if is_expected else 'WRONG '}{what}: {head.status}"] += 1

    async def _hang_up(self) -> None:
        connection = await self._connected()
        request = say(f"new-{self._name}-{self._steps}", stream=True)
        head = await connection.send(request.method, request.path, request.body)
        if not head.is_event_stream:
            await connection.body(head)
            self._seen[f"{'' if head.status in _CHAT else 'WRONG '}stream, broken off: {head.status}"] += 1
            return
        heard = 0
        async for received in connection.pieces(head):
            heard += received.count(b"event: delta")
            if heard >= _PIECES_HEARD:
                break
        await self.leave()
        self._seen["stream, broken off"] += 1

    def _old_session(self) -> str:
        return f"warm50-{self._name}-{self._steps % _SESSIONS}"


def _ends_as_it_should(stream: bytes) -> bool:
    """Whether the last event is the whole answer, or a problem."""
    event, _, data = stream.strip().rpartition(b"\n\n")[2].partition(b"\ndata: ")
    body: dict[str, Any] = json.loads(data) if data else {}
    return (event == b"event: done" and bool(body.get("response"))) or (event == b"event: error" and "code" in body)
