"""Connections that are kept: used again while they stand, not when the other side closed them, and only to its host."""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from django.conf import settings
from urllib3.exceptions import ProtocolError, SSLError

from core.connection_pool import ConnectionPool
from core.http_exchange import post
from tests.answering_server import AnsweringServer
from tests.bedrock_client.asking import wait_until

from .certificates import Identity, make_identity

ON_GREENLETS = """
from gevent import monkey
monkey.patch_all()
import sys
from core.connection_pool import ConnectionPool
from core.http_exchange import post
pool = ConnectionPool(sys.argv[1], ca_bundle=sys.argv[2], connections=4, connect_seconds=5)
def ask():
    answer = post(pool, "/", b"{}", {"host": "127.0.0.1"}, seconds=5)
    answer.whole()
    return answer.status
for _ in range(2):
    for _ in range(2):
        print(ask(), flush=True)
    sys.stdin.readline()
"""

BURST_ON_GREENLETS = """
from gevent import monkey
monkey.patch_all()
import sys
import gevent
from core.connection_pool import ConnectionPool
from core.http_exchange import post
pool = ConnectionPool(sys.argv[1], ca_bundle=sys.argv[2], connections=4, connect_seconds=5)
def ask():
    answer = post(pool, "/", b"{}", {"host": "127.0.0.1"}, seconds=5)
    answer.whole()
    return answer.status
asking = [gevent.spawn(ask) for _ in range(64)]
print([greenlet.get(timeout=20) for greenlet in asking] == [200] * 64, flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("identity"), "127.0.0.1")


@pytest.fixture(params=["plain", "tls"])
def server(request: pytest.FixtureRequest, identity: Identity) -> Iterator[AnsweringServer]:
    made = AnsweringServer(tls=identity.context if request.param == "tls" else None)
    yield made
    made.stop()


@pytest.fixture
def pool(server: AnsweringServer, identity: Identity) -> Iterator[ConnectionPool]:
    made = ConnectionPool(server.url, ca_bundle=str(identity.certificate), connections=4, connect_seconds=5)
    yield made
    made.close()


def ask(pool: ConnectionPool) -> int:
    answer = post(pool, "/", b"{}", {"host": "127.0.0.1"}, seconds=5)
    answer.whole()
    return answer.status


def test_opens_no_connection_before_a_call(server: AnsweringServer, pool: ConnectionPool) -> None:
    assert server.made == 0


def test_a_connection_is_used_again(server: AnsweringServer, pool: ConnectionPool) -> None:
    assert [ask(pool), ask(pool), ask(pool)] == [200, 200, 200]
    assert server.made == 1


def test_a_connection_that_was_closed_is_not_used_again(server: AnsweringServer, pool: ConnectionPool) -> None:
    ask(pool)
    server.close_connections()
    assert ask(pool) == 200
    assert (server.made, len(server.requests)) == (2, 2)


@contextmanager
def greenlets(program: str, server: AnsweringServer, identity: Identity) -> Iterator[tuple[IO[str], IO[str]]]:
    """What the program reads and what it says; it goes on with each line."""
    with subprocess.Popen(
        [sys.executable, "-c", program, server.url, str(identity.certificate)],
        cwd=settings.BASE_DIR,
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout
        yield child.stdin, child.stdout
        child.communicate("\n", timeout=30)
    assert child.returncode == 0


def test_greenlets_use_a_connection_again_until_it_was_closed(server: AnsweringServer, identity: Identity) -> None:
    with greenlets(ON_GREENLETS, server, identity) as (tell, said):
        assert [said.readline() for _ in range(2)] == ["200\n"] * 2
        assert server.made == 1
        server.close_connections()
        tell.write("\n")
        tell.flush()
        assert [said.readline() for _ in range(2)] == ["200\n"] * 2
    assert server.made == 2


def test_keeps_no_more_connections_than_it_is_told_and_says_nothing(
    server: AnsweringServer, pool: ConnectionPool, caplog: pytest.LogCaptureFixture
) -> None:
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(lambda _: ask(pool), range(64))) == [200] * 64
    wait_until(lambda: server.open_connections <= 4)
    assert ask(pool) == 200
    assert caplog.records == []


def test_greenlets_keep_no_more_connections_than_they_are_told(server: AnsweringServer, identity: Identity) -> None:
    with greenlets(BURST_ON_GREENLETS, server, identity) as (_, said):
        assert said.readline() == "True\n"
        wait_until(lambda: server.open_connections <= 4)


@pytest.mark.parametrize("name", ["127.0.0.1", "another.example.com"])
def test_refuses_a_server_whose_certificate_is_not_in_the_bundle(tmp_path: Path, identity: Identity, name: str) -> None:
    """Not even one that bears the same name."""
    bundle = make_identity(tmp_path, name).certificate
    assert "certificate verify failed" in refusal(served_by=identity, trusting=bundle)


def test_refuses_a_server_of_another_name(tmp_path: Path) -> None:
    other = make_identity(tmp_path, "another.example.com")
    assert "IP address mismatch" in refusal(served_by=other, trusting=other.certificate)


@pytest.fixture(params=["silent", "resetting"])
def no_tls(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that takes connections and never greets."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        if request.param == "resetting":
            threading.Thread(target=_reset_one, args=(listening,)).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


def _reset_one(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.recv(1)  # of the client's greeting
    connection.close()


def test_a_greeting_that_fails_is_an_error_of_urllib3(no_tls: str, identity: Identity) -> None:
    pool = ConnectionPool(no_tls, ca_bundle=str(identity.certificate), connections=1, connect_seconds=0.2)
    with pytest.raises(ProtocolError):
        ask(pool)


def refusal(*, served_by: Identity, trusting: Path) -> str:
    """What is said of a server that has not heard the request."""
    server = AnsweringServer(tls=served_by.context)
    pool = ConnectionPool(server.url, ca_bundle=str(trusting), connections=1, connect_seconds=5)
    try:
        with pytest.raises(SSLError) as caught:
            ask(pool)
    finally:
        pool.close()
        server.stop()
    assert server.requests == []
    return str(caught.value)
