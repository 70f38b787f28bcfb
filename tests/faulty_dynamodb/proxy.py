"""The HTTP side: a thread for every connection, kept alive towards the SDK and towards MiniStack."""

import contextlib
import json
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from tests.plain_http import Message, Posts, read, written

from .faults import play
from .script import Request
from .wire import Answer

FORWARD_SECONDS = 10
# How soon a held connection notices that its caller has gone or the test is over.
_LOOK_SECONDS = 0.02
# The number of a call whose caller does not wait, see `hurry.py`.
CALL_HEADER = "x-hurried-call"
# Of one connection only, or of the bytes it carries.
_OWN_HEADERS = frozenset({"connection", "content-length", "host", "keep-alive", "server", "transfer-encoding"})


class Handler(StreamRequestHandler):
    """One connection. Also the `Connection` that faults are played on."""

    disable_nagle_algorithm = True
    server: "Proxy"

    def setup(self) -> None:
        super().setup()
        self._upstream = Posts(self.server.upstream, seconds=FORWARD_SECONDS)
        self._is_over = False

    def handle(self) -> None:
        while not self._is_over and (asked := read(self.rfile)):
            self._asked = asked
            operation = asked.headers["x-amz-target"].rpartition(".")[2]
            play(self.server.arrived(operation, json.loads(asked.body)), self)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def forward(self, body: dict[str, Any] | None = None) -> Answer:
        content = self._asked.body if body is None else json.dumps(body).encode()
        _, path, _ = self._asked.line.split(" ")
        answer: Message = self._upstream.post(path, _passed_on(self._asked.headers), content)
        return Answer(answer.status, _passed_on(answer.headers), answer.body)

    def answer(self, answer: Answer) -> None:
        line = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"
        self.wfile.write(written(line, answer.headers, answer.body))

    def reset(self) -> None:
        # Linger of zero seconds: the peer sees a reset, not an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._is_over = True

    def hold(self) -> None:
        if call := self._asked.headers.get(CALL_HEADER):
            self.server.held.add(call)
            self.reset()
            return
        over = self.server.over
        while not (over.is_set() or select.select([self.connection], [], [], _LOOK_SECONDS)[0]):
            """Nobody speaks while the answer is due, so what can be read is the end of the connection."""
        self.reset()


class Proxy(ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1 until `stop`, which ends every thread of it."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, upstream: str, arrived: Callable[[str, dict[str, Any]], Request]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.arrived = arrived
        self.upstream = upstream
        self.over = threading.Event()
        self.held: set[str] = set()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": _LOOK_SECONDS})
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the SDK finds it."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def release(self) -> None:
        """Breaks the connections that hang now; later ones hang again."""
        self.over.set()
        self.over = threading.Event()

    def stop(self) -> None:
        """Closes the port and every connection, and waits for their threads."""
        self.over.set()
        self.shutdown()
        self._thread.join()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: object) -> None:
        assert isinstance(request, socket.socket)
        self._open.discard(request)
        # Not the base class's: it shuts the connection down in good order first, and a reset would never be seen.
        self.close_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        if not isinstance(sys.exception(), ConnectionError):  # a caller who has gone is what some tests are about
            super().handle_error(request, client_address)


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _OWN_HEADERS}
