"""What several tests need: MiniStack, empty tables, the scripted Bedrock, and the project served over HTTP."""

import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections

from conversations.store import tables_state
from dynamodb_client import client
from tests.faulty_dynamodb.fixtures import dynamodb  # noqa: F401  # a fixture
from tests.scripted_bedrock.fixtures import bedrock  # noqa: F401  # a fixture

READY_SECONDS = 20
# Everything here is plain HTTP on this machine; making a context for TLS would cost each client 20 ms.
NO_TLS = ssl.create_default_context()


class _QuietHandler(WSGIRequestHandler):
    disable_nagle_algorithm = True  # or each answer on a kept-alive connection waits 40 ms for an acknowledgement

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Requests of a test are no news."""


# MiniStack looks through every item for a page of 10,000, on a machine that runs other tests at the same time.
client.READ_TIMEOUT_SECONDS = 15


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MiniStack's address; one process for each worker of the test run."""
    url = f"http://127.0.0.1:{settings.MINISTACK_PORT}"
    home = tmp_path_factory.mktemp("ministack")
    program = Path(sys.prefix) / "ministack" / "bin" / "ministack"
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.MINISTACK_PORT),
        "SERVICES": "dynamodb",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{home}/no-docker.sock",
        "LOG_LEVEL": "ERROR",
    }
    with (home / "log").open("wb") as log, subprocess.Popen([program], env=variables, stdout=log, stderr=log) as child:
        try:
            _wait(url, child)
            yield url
        finally:
            child.terminate()
            child.wait()


def _wait(url: str, child: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        assert child.poll() is None, "MiniStack ended at its start"
        try:
            httpx.get(f"{url}/_ministack/health")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("MiniStack did not start")


@pytest.fixture(autouse=True)
def closed_database() -> Iterator[None]:
    """Leaves no connection to the staff database open: the next request, of a test that may not use it, would look."""
    yield
    connections.close_all()


@pytest.fixture
def tables(ministack: str) -> None:
    """The project's tables, empty."""
    httpx.post(f"{ministack}/_ministack/reset", verify=NO_TLS).raise_for_status()
    tables_state.create()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The project's WSGI application over HTTP, a thread for each connection."""
    from chatbot_project.wsgi import application

    wsgi = ThreadedWSGIServer(("127.0.0.1", 0), _QuietHandler)
    wsgi.set_app(application)
    thread = threading.Thread(target=wsgi.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{wsgi.server_address[1]}"
    wsgi.shutdown()
    thread.join()
    wsgi.server_close()


@pytest.fixture
def api(server: str, tables: None, bedrock: object) -> Iterator[httpx.Client]:  # noqa: F811  # the fixture above
    """A client of the running project, with empty tables and a Bedrock without a script."""
    with httpx.Client(base_url=server, timeout=30, verify=NO_TLS) as caller:
        yield caller
