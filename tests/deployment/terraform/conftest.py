"""MiniStack with every service, for Terraform."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

READY_SECONDS = 30


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MiniStack of these tests' own: stacks of others leave tables behind that are protected."""
    home = tmp_path_factory.mktemp("ministack-aws")
    port = _free_port()
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{home}/no-docker.sock",
        "LOG_LEVEL": "ERROR",
    }
    program = Path(sys.prefix) / "ministack" / "bin" / "ministack"
    with (home / "log").open("wb") as log, subprocess.Popen([program], env=variables, stdout=log, stderr=log) as child:
        try:
            _wait(f"http://127.0.0.1:{port}", child)
            yield f"http://127.0.0.1:{port}"
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
            time.sleep(0.1)
        else:
            return
    pytest.fail("MiniStack did not start")
