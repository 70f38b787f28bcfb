"""A POST over a kept-alive connection, and its answer as it arrives.

http.client and urllib3 write a request and read an answer in Python, a header at a time: that was most of what a call
to AWS costs here (docs/decisions/0023-answers-read-by-httptools.md).
"""

import contextlib
import socket
from collections.abc import Mapping
from typing import Any, cast

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from core.connection_pool import ConnectionPool
from core.http_received import Received

_AT_ONCE = 64 * 1024
# How much may arrive before the headers are complete.
_MOST_HEADERS = 256 * 1024


def post(pool: ConnectionPool, path: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> "Answer":
    """The answer, its body still to be read. `seconds` is how long the other side may be silent.

    Raises urllib3's errors, and ValueError for a path or header with a line break.
    """
    head = _head(path, body, headers)
    answer = Answer(pool, pool.take(), seconds)
    try:
        answer.begin(head + body)
    except BaseException:
        answer.close()
        raise
    return answer


def _head(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()]]
    lines.append(f"content-length: {len(body)}")
    text = "".join(lines)
    if "\n" in text or "\r" in text:
        raise ValueError("a path or header with a line break")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Answer:
    """Read it to its end or close it: only then is its connection free, for another request or for good.

    One thread reads and closes; `cut` may be called from any other, until the reader has been told of the end.
    """

    def __init__(self, pool: ConnectionPool, connection: HTTPConnection, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds
        self._connection: HTTPConnection | None = connection
        self._socket = cast("socket.socket", connection.sock)
        self._received = Received()

    @property
    def status(self) -> int:
        """HTTP's."""
        return self._received.status

    @property
    def headers(self) -> dict[str, str]:
        """By name in lower case; those of one name as a list with commas (RFC 9110, 5.3)."""
        return self._received.headers

    def begin(self, request: bytes) -> None:
        """Sends the request, and waits for the answer's status and headers. Raises as `read` does."""
        self._socket.settimeout(self._seconds)
        try:
            self._socket.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a server may answer and close before it has heard everything
        except OSError as error:
            raise self._broken(error) from error
        size = 0
        while not self._received.has_headers:
            size += self._receive()
            if size > _MOST_HEADERS:
                raise ProtocolError("headers without end")

    def read(self, seconds: float) -> bytes:
        """The next bytes of the body, as soon as there are any; none at its end.

        Raises urllib3's errors: `ReadTimeoutError` when nothing comes for so many seconds (more than 0),
        `ProtocolError` when the connection breaks or is closed.
        """
        received = self._received
        if not received.pieces and not received.is_whole:
            if self._connection is None:
                raise ProtocolError("the answer was closed")
            self._socket.settimeout(seconds)
            while not received.pieces and not received.is_whole:
                self._receive()
        piece = b"".join(received.pieces)
        received.pieces.clear()
        if not piece:
            self.close()
        return piece

    def whole(self) -> bytes:
        """What is left of the body; the answer is closed behind it. Raises as `read` does."""
        with contextlib.closing(self):
            return b"".join(iter(lambda: self.read(self._seconds), b""))

    def cut(self) -> None:
        """End a read that is under way in another thread or greenlet, and tell the other side that nobody listens."""
        with contextlib.suppress(OSError):  # it may have broken by itself
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Gives back the connection of an answer that has arrived whole, and closes any other. May be called twice."""
        self._received.end()
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._received.is_whole and self._received.keeps_alive:
            self._pool.give_back(connection)
        else:
            connection.close()

    def _receive(self) -> int:
        try:
            data = self._socket.recv(_AT_ONCE)
        except OSError as error:
            raise self._broken(error) from error
        self._received.feed(data)
        return len(data)

    def _broken(self, error: OSError) -> HTTPError:
        if isinstance(error, TimeoutError):
            return ReadTimeoutError(cast("Any", self._pool.host), "", "Read timed out.")
        return ProtocolError("Connection aborted.", error)
