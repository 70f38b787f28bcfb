"""Callers as they are: they send again what they may, wait when they are told to, and remember what they were told."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.conversations.api.asking import events

PATIENCE_SECONDS = 45
Body = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """A message to one session; with a `key` it may be sent again."""

    session_id: str
    message: str
    key: str = ""
    stream: bool = False
    model_id: str = "us.amazon.nova-pro-v1:0"

    def post(self, client: httpx.Client, url: str) -> httpx.Response:
        body = {name: getattr(self, name) for name in ("session_id", "message", "stream", "model_id")}
        headers = {"Idempotency-Key": self.key} if self.key else {}
        return client.post(f"{url}/chat", json=body, headers=headers)


@dataclass
class Callers:
    """Many callers of several servers. `answers`, `lost` and `broken` are by session and message.

    What is lost was sent without a key and never answered: nobody knows whether it arrived. What is broken lost its
    connection, with a key or without: it may have begun a turn there.
    """

    client: httpx.Client
    urls: tuple[str, ...]
    answers: dict[tuple[str, str], Body] = field(default_factory=dict)
    lost: set[tuple[str, str]] = field(default_factory=set)
    broken: set[tuple[str, str]] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, pool: ThreadPoolExecutor, orders: list[list[Order]]) -> "list[Future[None]]":
        """Each list is one caller's, who sends one order after the other, each to the next server."""
        return [pool.submit(self._send_all, own, first) for first, own in enumerate(orders)]

    def _send_all(self, orders: list[Order], first: int) -> None:
        for number, order in enumerate(orders, start=first):
            self.send(order, first=number)

    def send(self, order: Order, *, first: int = 0) -> None:
        """Send until it is answered; with a key once more to the next server, which must say the same."""
        answer = self._answer(order, first)
        if answer is None:
            self.lost.add((order.session_id, order.message))
            return
        body = _body(answer)
        with self._lock:
            assert self.answers.setdefault((order.session_id, order.message), body) == body
        if order.key:
            again = self._answer(order, first + 1)
            assert again is not None
            assert again.headers["Idempotency-Replayed"] == "true"
            assert _body(again) == body

    def _answer(self, order: Order, first: int) -> httpx.Response | None:
        until = time.monotonic() + PATIENCE_SECONDS
        turn = first
        while time.monotonic() < until:
            try:
                answer = order.post(self.client, self.urls[turn % len(self.urls)])
            except httpx.ConnectError:
                turn += 1  # nobody is there, so nothing was sent
                continue
            except httpx.TransportError:
                self.broken.add((order.session_id, order.message))
                if not order.key:
                    return None
                turn += 1
                continue
            self._count(answer)
            if answer.status_code != httpx.codes.CONFLICT:
                return answer
            time.sleep(random.uniform(0, float(answer.headers["Retry-After"])))  # noqa: S311  # jitter, not a secret
        raise AssertionError(f"no answer to {order}")

    def _count(self, answer: httpx.Response) -> None:
        with self._lock:
            self.statuses[answer.status_code] += 1


def _body(answer: httpx.Response) -> Body:
    """What an answer says, as JSON or at the end of its stream."""
    if answer.headers["content-type"] != "text/event-stream":
        body: Body = answer.raise_for_status().json()
        return body
    name, last = events(answer)[-1]
    assert name == "done", last
    return last
