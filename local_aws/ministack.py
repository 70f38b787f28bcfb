"""MiniStack for a test or a benchmark: a process that keeps nothing, and ends with its block.

`make run` starts its own, which saves what was said: `launch`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_aws import ports
from local_aws.environment import passing_ministack_environment
from local_aws.errors import LocalModeError

HEALTH = "/_ministack/health"
# A cold, busy machine.
_READY_SECONDS = 60
_END_SECONDS = 15
_POLL_SECONDS = 0.05


def environment_of_ministack() -> Path:
    """The virtual environment that MiniStack has inside ours. Raises LocalModeError where it is not installed."""
    folder = Path(sys.prefix, "ministack")
    if not (folder / "bin" / "python").exists():
        raise LocalModeError(f"MiniStack is not installed in {folder}: `make run` installs it.")
    return folder


@contextmanager
def passing_ministack(folder: Path, *, services: str = "", port: int | None = None) -> Iterator[str]:
    """A MiniStack on a free port, or on this one; the value is its address, where it answers already.

    `folder` takes its log. `services` are their names with commas between; empty means all that there are.
    Raises LocalModeError when it does not start.
    """
    port = port or ports.free_port()
    command = [environment_of_ministack() / "bin" / "ministack"]
    variables = passing_ministack_environment(os.environ, port=port, home=folder, services=services)
    log = folder / "ministack.log"
    with log.open("wb") as said, subprocess.Popen(command, env=variables, stdout=said, stderr=said) as process:
        try:
            _wait(process, port, log)
            yield f"http://{ports.LOOPBACK}:{port}"
        finally:
            _end(process)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    while not ports.answers(port, HEALTH):
        if process.poll() is not None:
            raise LocalModeError(f"MiniStack ended with exit code {process.returncode}; its log is {log}.")
        if time.monotonic() > until:
            raise LocalModeError(f"MiniStack was not ready after {_READY_SECONDS} seconds; its log is {log}.")
        time.sleep(_POLL_SECONDS)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
