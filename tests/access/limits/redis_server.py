"""A Redis of its own for a test, which can be killed and started again where it was."""

import shutil
import socket
import subprocess
import time

import pytest

READY_SECONDS = 20


class RedisServer:
    """Keeps nothing on disk: who kills it empties it."""

    def __init__(self) -> None:
        self._program = shutil.which("redis-server") or shutil.which("valkey-server") or ""
        if not self._program:
            pytest.skip("neither redis-server nor valkey-server is installed (Debian: apt install redis-server)")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        # A busy machine that runs tests may be slower than a Redis that is well.
        self.url = f"redis://127.0.0.1:{self.port}/0?socket_timeout=20&socket_connect_timeout=20&timeout=20"
        self.start()

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"]
        self._process = subprocess.Popen(
            [self._program, "--port", str(self.port), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert time.monotonic() < until, "Redis did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False
