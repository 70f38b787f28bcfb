"""gunicorn with production's configuration, held up by callers who send or read next to nothing."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.processes.server_process import ServerProcess
from tests.processes.waiting import until
from tests.scripted_bedrock import ScriptedBedrock

SLOW_OF_EACH_KIND = 50
READ_SECONDS = 6
HEADER = b"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
DRIPPED = {
    "nothing at all": (b"", b""),
    "a header": (HEADER, b"X"),
    "a body": (HEADER + b"Content-Length: 100000\r\n\r\n", b" "),
    "a chunked body": (HEADER + b"Transfer-Encoding: chunked\r\n\r\n186A0\r\n", b" "),
}


class SlowCallers:
    """Connections that send their `first` bytes at once, and after that one more `drop` every half second."""

    def __init__(self, url: str, count: int, first: bytes, drop: bytes) -> None:
        address = urlsplit(url)
        self._drop, self._over = drop, threading.Event()
        self._all = [socket.create_connection((address.hostname, address.port)) for _ in range(count)]
        for connection in self._all:
            connection.sendall(first)
        self._thread = threading.Thread(target=self._drip)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for connection in self._all:
            connection.close()

    def open(self) -> int:
        """How many the server has not closed."""
        return sum(not _is_closed(connection) for connection in self._all)

    def _drip(self) -> None:
        while not self._over.wait(0.5):  # ends with the test
            for connection in self._all:
                with contextlib.suppress(OSError):
                    connection.sendall(self._drop)


def _is_closed(connection: socket.socket) -> bool:
    """At its end, or with an answer before that end."""
    try:
        connection.recv(65536, socket.MSG_DONTWAIT)
        return connection.recv(1, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.fixture
def server(tmp_path: Path, tables: None, bedrock: ScriptedBedrock) -> Iterator[ServerProcess]:
    variables = {
        "REQUEST_READ_SECONDS": str(READ_SECONDS),
        "GUNICORN_CONNECTIONS": str(len(DRIPPED) * SLOW_OF_EACH_KIND + 20),
    }
    server = ServerProcess(tmp_path, deadline_seconds=20, **variables)
    yield server
    server.kill()


@pytest.fixture
def client(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def still_open(slow: dict[str, SlowCallers]) -> dict[str, int]:
    """How many of each kind the server has not closed."""
    return {dripped: callers.open() for dripped, callers in slow.items()}


@pytest.mark.slow
def test_slow_callers_hold_nobody_up_and_are_sent_away(server: ServerProcess, client: httpx.Client) -> None:
    assert client.get("/health").status_code == 200
    with contextlib.ExitStack() as at_the_end:
        slow = {dripped: SlowCallers(server.url, SLOW_OF_EACH_KIND, *what) for dripped, what in DRIPPED.items()}
        for callers in slow.values():
            at_the_end.callback(callers.close)
        assert still_open(slow) == dict.fromkeys(DRIPPED, SLOW_OF_EACH_KIND)
        answered = [client.post("/chat", json={"message": f"Hello {number}"}) for number in range(10)]
        assert [answer.status_code for answer in answered] == [200] * 10
        until(lambda: still_open(slow) == dict.fromkeys(DRIPPED, 0))
    assert client.post("/chat", json={"message": "Still there?"}).status_code == 200
    assert "Traceback" not in server.log.read_text()
