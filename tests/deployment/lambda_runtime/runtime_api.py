"""Lambda's side of a function: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

import json
import queue
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PREFIX = "/2018-06-01/runtime"
_ARN = "arn:aws:lambda:us-east-1:111122223333:function:chatbot-api"


class Failed(Exception):
    """The function did not answer: it could not be initialised, raised an error, or took too long."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A function that is killed leaves its connection open; that is no news."""


class RuntimeAPI:
    """Hands events to one function, and its answers back. `address` is what AWS_LAMBDA_RUNTIME_API must say."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[tuple[str, int, Any] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._server = _Server(("127.0.0.1", 0), _handler(self._events, self._answers))
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def invoke(self, event: Any, *, seconds: float = 30, request_id: str = "") -> Any:  # noqa: ANN401  # JSON
        """What the function answers to the event, for which it has so many seconds. Raises Failed."""
        self._events.put((request_id or str(uuid.uuid4()), round((time.time() + seconds) * 1000), event))
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise Failed("the function was cut off: its time is over") from None
        if isinstance(answer, Failed):
            raise answer
        return answer

    def close(self) -> None:
        """End; a function that waits for the next event loses its connection."""
        self._events.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(events: Any, answers: Any) -> type[BaseHTTPRequestHandler]:  # noqa: ANN401  # both are queues
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            waiting = events.get()
            if waiting is None:
                self.close_connection = True
                return
            request_id, deadline, event = waiting
            headers = {
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": _ARN,
                "Content-Type": "application/json",
            }
            self._answer(200, json.dumps(event).encode(), headers)

        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
            self._answer(202, b'{"status": "OK"}', {})
            answers.put(told if self.path.endswith("/response") else Failed(f"{self.path}: {told}"))

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            assert self.path.startswith(_PREFIX)
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
            """Requests of a test are no news."""

    return Handler
