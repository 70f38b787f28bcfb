"""A caller's connection that cannot be held for ever by sending, or reading, a byte now and then.

For gunicorn's gevent worker (deployment/gunicorn.conf.py). Timeouts of a socket count anew with each byte; these here
are for the whole of a request, and for each part of an answer.
"""

import errno
import time
from typing import Any

import gevent


class DeadlineSocket:
    """A gevent socket whose callers must send a whole request within `read_seconds`.

    The time begins with the connection, later with the first byte of each request (`request_answered`): until then a
    kept-alive connection may be idle as long as the worker lets it. Each part of an answer must be taken within
    `write_seconds`. Raises ConnectionResetError, as if the caller had gone.
    """

    def __init__(self, connection: Any, *, read_seconds: float, write_seconds: float) -> None:  # noqa: ANN401  # untyped
        self._connection = connection
        self._read_seconds, self._write_seconds = read_seconds, write_seconds
        self._read_until: float | None = time.monotonic() + read_seconds
        # When the first byte of the request was here, by time.monotonic(); None while none is.
        self.request_began_at: float | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the socket has
        return getattr(self._connection, name)

    def request_answered(self) -> None:
        """The next byte begins a request."""
        self._read_until = self.request_began_at = None

    def recv(self, size: int) -> bytes:
        if self._read_until is None:
            data: bytes = self._connection.recv(size)
            self.request_began_at = time.monotonic()
            self._read_until = self.request_began_at + self._read_seconds
            return data
        left = self._read_until - time.monotonic()
        if left <= 0:
            raise _too_slow("sending a request")
        with gevent.Timeout(left, _too_slow("sending a request")):
            data = bytes(self._connection.recv(size))
        self.request_began_at = self.request_began_at or time.monotonic()
        return data

    def sendall(self, data: bytes) -> None:
        with gevent.Timeout(self._write_seconds, _too_slow("reading an answer")):
            self._connection.sendall(data)


def _too_slow(doing: str) -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, f"The caller was too slow in {doing}")
