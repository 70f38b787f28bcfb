"""A streamed answer that a test reads event by event, while the turn goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.conversations.api.asking import parsed

_END = b"\n\n"
Event = tuple[str, dict[str, Any]]


class OpenStream:
    """The events of one answer, each as soon as it has come."""

    def __init__(self, response: httpx.Response) -> None:
        self._chunks = response.iter_bytes()
        self._unread = b""

    def next(self) -> Event | None:
        """The next event; None at the end of the answer. Comments are left out."""
        while block := self._block():
            if events := parsed(block):
                return events[0]
        return None

    def until_text(self, text: str) -> None:
        """Read on until this piece has come."""
        while event := self.next():
            if event == ("delta", {"text": text}):
                return
        raise AssertionError(f"the answer ended without {text!r}")

    def last(self) -> Event:
        """The event that ends the answer; the connection is free then."""
        last: Event | None = None
        while event := self.next():
            last = event
        assert last is not None, "the answer ended without an event"
        return last

    def _block(self) -> bytes:
        while _END not in self._unread:
            chunk = next(self._chunks, None)
            if chunk is None:
                assert not self._unread, "the answer was cut off in the middle of an event"
                return b""
            self._unread += chunk
        block, self._unread = self._unread.split(_END, 1)
        return block + _END


@contextmanager
def open_stream(client: httpx.Client, url: str, **order: str) -> Iterator[OpenStream]:
    """Ask for a stream; left before its end, the caller goes away."""
    body = {"message": "Hello", **order, "stream": True}
    with client.stream("POST", f"{url}/chat", json=body) as response:
        assert response.status_code == 200, response.read()
        yield OpenStream(response)
