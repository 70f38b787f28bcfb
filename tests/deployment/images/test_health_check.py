"""The server image's health check, against a server that is well, one that is not, and none."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deployment.health_check import is_healthy
from local_aws.ports import free_port

Serve = Callable[[int], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that answers /health with a status; returns its port."""
    with ExitStack() as servers:

        def start(status: int) -> int:
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    self.send_response(status if self.path == "/health" else 404)
                    self.end_headers()

                def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
                    """Requests of a test are no news."""

            server = servers.enter_context(HTTPServer(("127.0.0.1", 0), Handler))
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            servers.callback(thread.join)
            servers.callback(server.shutdown)
            return server.server_port

        yield start


def test_is_healthy_while_the_server_says_so(serve: Serve) -> None:
    assert is_healthy(serve(200))
    assert not is_healthy(serve(503))


def test_is_not_healthy_where_nobody_listens() -> None:
    assert not is_healthy(free_port())
