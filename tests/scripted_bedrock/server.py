"""The HTTP side: a thread for every connection, kept alive as the real service keeps them."""

import contextlib
import json
import re
import socket
import sys
import threading
from http.server import ThreadingHTTPServer
from typing import Protocol
from urllib.parse import unquote

from .streaming_handler import StreamingHandler
from .wire import HTTPAnswer, ModelCall, error_answer

_CALL = re.compile(r"/model/(?P<model_id>[^/]+)/(?P<operation>[a-z-]+)$")
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/bedrock/aws4_request")
_OPERATIONS = {"converse", "converse-stream"}
_UNKNOWN = HTTPAnswer(404, b'{"message": "no such operation"}', {"x-amzn-ErrorType": "UnknownOperationException"})


class Service(Protocol):
    """Who answers."""

    def model_call(self, call: ModelCall, connection: "Handler") -> None: ...

    def listing(self, target: str) -> HTTPAnswer | None: ...


class Handler(StreamingHandler):
    """One connection. Also the `Connection` that the steps of a script play on."""

    server: "Server"

    def do_POST(self) -> None:  # noqa: N802  # the name that http.server calls
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = _CALL.match(self.path)
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        if path is None or path["operation"] not in _OPERATIONS:
            self.answer(_UNKNOWN)
        elif scope is None:
            self.answer(error_answer("UnrecognizedClientException", "The request is not signed."))
        else:
            call = ModelCall(
                path["operation"], unquote(path["model_id"]), scope["region"], json.loads(body), dict(self.headers)
            )
            self.server.service.model_call(call, self)

    def do_GET(self) -> None:  # noqa: N802  # see above
        self.answer(self.server.service.listing(self.path) or _UNKNOWN)

    def answer(self, answer: HTTPAnswer) -> None:
        self.send_response(answer.status)
        for name, value in {"x-amzn-RequestId": "scripted", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        self.wfile.flush()
        self.close_connection = answer.cut

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1; can go away and come back on the same port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, service: Service) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.service = service
        self.accepted = 0
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def stop(self) -> None:
        """Close the port and every connection: from now on nobody can be reached."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        self.accepted += 1
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
