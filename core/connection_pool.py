"""urllib3's pools of kept-alive connections to one host, with a quicker look at whether one was closed meanwhile."""

import select
import socket
import ssl
import sys
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_SOCKET_OPTIONS = [*HTTPConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]


class _PlainConnection(HTTPConnection):
    @property
    def is_connected(self) -> bool:
        return is_open(self.sock)


class _TLSConnection(HTTPSConnection):
    @property
    def is_connected(self) -> bool:
        return is_open(self.sock)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def make_pool(endpoint: str, *, ca_bundle: str, connections: int) -> HTTPConnectionPool:
    """A pool that keeps as many connections as it is told, and opens more where it must. Opens none yet.

    The certificates of the bundle are read here, once: urllib3 would read them for each connection, and that is 20 ms.
    """
    parts = urlsplit(endpoint)
    options: dict[str, Any] = {"maxsize": connections, "socket_options": _SOCKET_OPTIONS}
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=ca_bundle)
        return _TLSPool(parts.hostname or "", parts.port, ssl_context=context, **options)
    return _PlainPool(parts.hostname or "", parts.port, **options)


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
