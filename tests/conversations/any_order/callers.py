"""Callers of the service: those that wait for their answer, and those that go away."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from chatbot_project.wsgi import application
from tests.conversations.api.asking import events, problem

from .expected import Request
from .processes import ProcessDied

SECONDS = 20


@dataclass(frozen=True)
class Told:
    """What a caller heard: the body of the answer, or the code of a problem. `content` is set for JSON alone."""

    code: str
    body: dict[str, Any]
    replayed: bool
    content: bytes | None = None


@dataclass
class UnderWay:
    """A caller in a thread of its own. `began` is set when it has heard the beginning of the answer."""

    began: threading.Event
    threads: list[threading.Thread]
    told: "Future[Told | None]"

    def wait(self) -> Told | None:
        """What the caller heard in the end, when the turn has ended too; None if the caller was gone before."""
        told = self.told.result(SECONDS)
        for thread in self.threads:
            thread.join(SECONDS)
            assert not thread.is_alive(), "the turn never ended"
        return told


class Callers:
    """Speaks to the project's WSGI application, without a network between."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor()
        transport = httpx.WSGITransport(application)
        self.http = httpx.Client(base_url="http://localhost", transport=transport, timeout=SECONDS)

    def close(self) -> None:
        self._pool.shutdown()
        self.http.close()

    def ask(self, request: Request, *, stream: bool) -> Told | None:
        """What the caller is told; None when the connection broke."""
        try:
            return self._listen(request, stream, threading.Event(), leaves=False)
        except ProcessDied:
            return None

    def begin(self, request: Request, reached: threading.Event, *, stream: bool, leaves: bool) -> UnderWay:
        """A turn whose model has got as far as its gate. A caller that `leaves` is gone after the first words."""
        before, began = _turns(), threading.Event()
        told = self._pool.submit(self._listen, request, stream, began, leaves=leaves)
        assert reached.wait(SECONDS), "the model was not asked"
        return UnderWay(began, [thread for thread in _turns() if thread not in before], told)

    def _listen(self, request: Request, stream: bool, began: threading.Event, *, leaves: bool) -> Told | None:
        with self._post(request, stream=stream) as answer:
            seen = b""
            for chunk in answer.iter_bytes():
                seen += chunk
                if b"event: delta" in seen:
                    began.set()
                    if leaves:
                        return None
        whole = httpx.Response(answer.status_code, headers=answer.headers, content=seen)
        return _told(whole)

    @contextmanager
    def _post(self, request: Request, *, stream: bool) -> Iterator[httpx.Response]:
        body = {"message": request.message, "stream": stream}
        if request.session_id:
            body["session_id"] = request.session_id
        headers = {"Idempotency-Key": request.key} if request.key else {}
        with self.http.stream("POST", "/chat", json=body, headers=headers) as answer:
            yield answer


def _turns() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "turn"]


def _told(answer: httpx.Response) -> Told:
    replayed = answer.headers.get("idempotency-replayed") == "true"
    if answer.status_code != httpx.codes.OK:
        return Told(problem(answer)[1], answer.json(), replayed)
    if answer.headers["content-type"] == "application/json":
        return Told("", answer.json(), replayed, answer.content)
    (first, start), *between, (last, body) = events(answer)
    assert (first, {name for name, _ in between}) == ("start", {"delta"})
    if last == "error":
        return Told(body["code"], body, replayed)
    assert (last, "".join(delta["text"] for _, delta in between)) == ("done", body["response"])
    assert start.items() <= body.items()
    return Told("", body, replayed)
