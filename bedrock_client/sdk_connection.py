"""The connection under an answer that the SDK streams: how long a read may last, and how another thread ends it.

urllib3 hands out an answer and neither its socket nor a timeout for the silence between two reads, so this module, and
no other, takes the socket from where it is kept.
"""

import contextlib
import socket
from typing import Any, cast

from urllib3 import HTTPResponse


class SDKConnection:
    """A `StreamConnection` over the response of urllib3 that botocore reads."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self._socket = _socket_of(self._response)

    def read(self, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        # Read to its end, an answer gives its connection back to the pool by itself.
        return self._response.read1()

    def cut(self) -> None:
        with contextlib.suppress(OSError):  # it may have broken by itself
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._response.connection is not None:
            self._response.close()
            self._response.release_conn()


def _socket_of(response: HTTPResponse) -> socket.socket:
    # Not `response.connection.sock`: that is None when the server announces that it will close the connection.
    return cast("socket.socket", cast("Any", response)._fp.fp.raw._sock)  # noqa: SLF001  # it has no public name
