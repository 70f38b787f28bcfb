"""What a step of a script can do with the connection of its call."""

import threading
from typing import Protocol

from .wire import HTTPAnswer


class CallerGone(ConnectionError):
    """The caller closed the connection before its answer was whole."""


class Connection(Protocol):
    """Everything that writes or waits raises a `ConnectionError` when the caller has gone."""

    def answer(self, answer: HTTPAnswer) -> None: ...

    def begin_stream(self, *, keep_alive: bool = True) -> None:
        """Send the head of a chunked answer."""

    def send(self, data: bytes) -> None:
        """Send a chunk of a stream at once."""

    def send_slowly(self, data: bytes, seconds: float) -> None:
        """Send a chunk byte by byte, with so many seconds between two of them."""

    def end_stream(self) -> None:
        """End a stream in good order."""

    def break_off(self, data: bytes) -> None:
        """Announce a chunk, send half of it and close the connection."""

    def reset(self) -> None:
        """Break the connection without a word."""

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait for the event, or so long; notices within a moment when the caller goes."""
