"""MiniStack's Lambda API, except that a server of the project answers what a function is invoked with."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.conftest import NO_TLS

SECONDS = 60
# Of one connection, not of what it carries.
HOP = {"connection", "content-length", "transfer-encoding", "content-encoding", "host"}


@contextmanager
def invocations_answered_by(url: str, *, others: str) -> Iterator[str]:
    """The address of that API. Every call but Invoke goes on to `others`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(url, others))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(url: str, others: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "/invocations" in self.path:
                answer = _invoke(url, json.loads(body))
            else:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                answer = httpx.request(
                    self.command, others + self.path, headers=headers, content=body, timeout=SECONDS, verify=NO_TLS
                )
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815  # the base class's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
            """Requests of a test are no news."""

    return Handler


def _invoke(url: str, event: dict[str, object]) -> httpx.Response:
    context = event["requestContext"]
    given = event["headers"]
    assert isinstance(context, dict)
    assert isinstance(given, dict)
    headers = {name: value for name, value in given.items() if name not in HOP}
    answer = httpx.request(
        context["http"]["method"],
        f"{url}{event['rawPath']}",
        headers=headers,
        content=str(event["body"]),
        timeout=SECONDS,
        verify=NO_TLS,
    )
    said = {"statusCode": answer.status_code, "headers": {}, "body": answer.text, "isBase64Encoded": False}
    return httpx.Response(200, json=said)
