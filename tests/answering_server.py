"""A server on 127.0.0.1 that gives the answers a test writes, byte for byte, over plain HTTP or TLS."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Request:
    """As it arrived; names of headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """`cut` sends only half of the body, `breaks` nothing at all, and closes the connection; `hangs` waits for it."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    breaks: bool = False
    hangs: bool = False


class AnsweringServer(ThreadingHTTPServer):
    """Gives `answers` in their order, and the last of them for ever. `requests` are all that arrived.

    `most_open` is how many connections were open at once, `made` how many there were.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers) or [Answer()]
        self.requests: list[Request] = []
        self.over = threading.Event()
        self.made = 0
        self._tls, self._lock = tls, threading.Lock()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def arrived(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def close_connections(self) -> None:
        """Ends every connection in good order, as a service does with those that were idle for long."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.close_connections()
        self.server_close()

    def finish_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        with self._lock:
            self.made += 1
        self._open.add(request)
        try:
            if self._tls is None:
                super().finish_request(request, client_address)
                return
            with self._tls.wrap_socket(request.dup(), server_side=True) as secured:
                super().finish_request(secured, client_address)
        finally:
            self._open.discard(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers who break off are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: AnsweringServer

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers["content-length"]))
        answer = self.server.arrived(Request(self.path, headers, body))
        if answer.hangs:
            self.server.over.wait(30)
        if answer.hangs or answer.breaks:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        self.wfile.flush()
        self.close_connection = answer.cut

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Requests of a test are no news."""
