"""Servers to start, and a client for all of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.processes.server_process import ServerProcess
from tests.scripted_bedrock import ScriptedBedrock

CONNECTIONS = 100
StartServer = Callable[..., ServerProcess]


@pytest.fixture
def start_server(
    tmp_path_factory: pytest.TempPathFactory, tables: None, bedrock: ScriptedBedrock
) -> Iterator[StartServer]:
    """Starts a `ServerProcess`, over empty tables and a Bedrock without a script. None survives the test."""
    with ExitStack() as servers:

        def start(*, deadline_seconds: int = 20, worker_class: str = "gevent") -> ServerProcess:
            folder = tmp_path_factory.mktemp("server")
            server = ServerProcess(folder, deadline_seconds=deadline_seconds, worker_class=worker_class)
            servers.callback(server.kill)
            return server

        yield start


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Keeps its connections between two requests, and may be used by many threads."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    with httpx.Client(timeout=30, limits=limits) as client:
        yield client
