"""The connection under a streamed answer: how long a read may last, and how another thread ends it.

urllib3 hands out an answer and neither its socket nor a timeout for the silence between two reads, so this module, and
no other, takes the socket from where it is kept.
"""

import contextlib
import socket
from typing import Any, cast

from urllib3 import HTTPResponse


class StreamConnection:
    """The bytes of one streamed answer. One thread reads and closes; `cut` may be called from any other."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self._socket = _socket_of(self._response)

    def read(self, seconds: float) -> bytes:
        """The next bytes, as soon as there are any; none at the end of the answer.

        Raises urllib3's errors: `ReadTimeoutError` when nothing comes for so many seconds (more than 0),
        `ProtocolError` when the connection breaks.
        """
        self._socket.settimeout(seconds)
        # Read to its end, an answer gives its connection back to the pool by itself.
        return self._response.read1()

    def cut(self) -> None:
        """End a read that is under way in another thread or greenlet, and tell Bedrock that nobody listens."""
        with contextlib.suppress(OSError):  # it may have broken by itself
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection unless the answer was read to its end. A second time changes nothing."""
        if self._response.connection is not None:
            self._response.close()
            self._response.release_conn()


def _socket_of(response: HTTPResponse) -> socket.socket:
    # Not `response.connection.sock`: that is None when the server announces that it will close the connection.
    return cast("socket.socket", cast("Any", response)._fp.fp.raw._sock)  # noqa: SLF001  # it has no public name
