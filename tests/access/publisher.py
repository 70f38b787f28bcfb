"""A web server on this machine that publishes keys, counts who asks, and can be slow, strange or away."""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOLD_SECONDS = 20


@dataclass(frozen=True)
class Page:
    """What is at an address."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds_between_bytes: float = 0.0


class _Handler(BaseHTTPRequestHandler):
    server: "Publisher"

    def do_GET(self) -> None:
        page = self.server.arrived(self.path)
        if page is None:
            self.close_connection = True  # without an answer
            return
        self.send_response(page.status)
        for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # who asked may have gone
            if page.seconds_between_bytes:
                for byte in page.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(page.seconds_between_bytes)
            else:
                self.wfile.write(page.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Requests of a test are no news."""


class Publisher(ThreadingHTTPServer):
    """Serves `pages` by path and remembers the paths asked for in `requests`. While `down` nobody gets an answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Page] = {}
        self.requests: list[str] = []
        self.down = False
        self.open = threading.Event()  # cleared, everybody is kept waiting
        self.open.set()
        self._heard = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def arrived(self, path: str) -> Page | None:
        with self._heard:
            self.requests.append(path)
            self._heard.notify_all()
        self.open.wait(HOLD_SECONDS)
        return None if self.down else self.pages.get(path, Page(b"", 404))

    def wait_for_requests(self, count: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.requests) >= count, HOLD_SECONDS), self.requests
