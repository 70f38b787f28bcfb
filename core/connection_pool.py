"""Kept-alive connections to one host. urllib3 opens them: names, timeouts, TLS and certificates are its business."""

import contextlib
import select
import socket
import ssl
import sys
import threading
import weakref
from typing import Any
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ProtocolError, SSLError

_SOCKET_OPTIONS = [*HTTPConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]


class ConnectionPool:
    """Keeps as many connections to `endpoint` as it is told, and opens more where it must. Thread-safe.

    The certificates of the bundle are read when the pool is made: for each connection that would be 20 ms.
    """

    def __init__(self, endpoint: str, *, ca_bundle: str, connections: int, connect_seconds: float) -> None:
        parts = urlsplit(endpoint)
        self.host = parts.hostname or ""
        self._port = parts.port
        self._tls = ssl.create_default_context(cafile=ca_bundle) if parts.scheme == "https" else None
        self._connect_seconds = connect_seconds
        self._most = connections
        self._idle: list[HTTPConnection] = []
        self._lock = threading.Lock()
        # A pool that nobody holds any more, as of a client that was made anew.
        weakref.finalize(self, _close_all, self._idle)

    def take(self) -> HTTPConnection:
        """A connection that stands, for one request. Raises urllib3's errors where none can be had."""
        while idle := self._pop():
            if is_open(idle.sock):
                return idle
            idle.close()
        return self._connected()

    def give_back(self, connection: HTTPConnection) -> None:
        """After an answer that was read to its end."""
        with self._lock:
            if len(self._idle) < self._most:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Closes the connections that wait for a request, and from now on each one that is given back."""
        self._most = 0
        _close_all(self._idle)

    def _pop(self) -> HTTPConnection | None:
        """The one that was used last, so that those that are not needed grow old and are closed by the other side."""
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _connected(self) -> HTTPConnection:
        options: dict[str, Any] = {"timeout": self._connect_seconds, "socket_options": _SOCKET_OPTIONS}
        connection = (
            HTTPSConnection(self.host, self._port, ssl_context=self._tls, **options)
            if self._tls
            else HTTPConnection(self.host, self._port, **options)
        )
        try:
            connection.connect()
        except BaseException as error:
            connection.close()
            if isinstance(error, ssl.SSLError | ssl.CertificateError):
                raise SSLError(error) from error
            if isinstance(error, OSError):  # in the handshake: urllib3 has words for the steps before it alone
                raise ProtocolError("Connection aborted.", error) from error
            raise
        return connection


def _close_all(idle: list[HTTPConnection]) -> None:
    with contextlib.suppress(IndexError):  # another thread may take the last one
        while idle:
            idle.pop().close()


def is_open(connection: socket.socket | None) -> bool:
    """Whether the connection stands, and nothing unasked for has arrived on it, the other side's end least of all."""
    if connection is None:
        return False
    poll = _poll()
    poll.register(connection, select.POLLIN)
    return not poll.poll(0)


def _poll() -> "select.poll":
    # gevent's own goes through its loop, for a question that waits for nothing: 40 of the 230 us of a whole call.
    monkey = sys.modules.get("gevent.monkey")
    original: Any = monkey.get_original("select", "poll") if monkey else select.poll
    poll: select.poll = original()
    return poll
