"""The programs of a benchmark, each in a process of its own that ends with it."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.measurement import Measurement

ROOT = Path(__file__).resolve().parent.parent
_STOP_SECONDS = 15

# Everything a child is told. Nothing of the caller's own account, region or proxies gets in.
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "000000000001",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Failed(Exception):
    """A program of the benchmark ended, or answered what it should not."""


class Child:
    """One module of this package, started as a program; it is spoken to in lines."""

    def __init__(self, module: str) -> None:
        self._name = module
        self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,  # Ctrl-C is for the one who started it
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        stop(self._process)

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self) -> str:
        """The next line it says. Raises Failed when it has ended."""
        assert self._process.stdout  # noqa: S101  # it was asked for above
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"{self._name} ended; what it said stands above")
        return line

    def measure(self, order: dict[str, Any]) -> Measurement:
        """Has the program carry out an order."""
        assert self._process.stdin  # noqa: S101  # it was asked for above
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self._name} ended; what it said stands above") from None
        measured = Measurement.from_json(json.loads(self.read()))
        if not measured.chats:
            raise Failed(
                f"{order['case']['title']}: no chat was answered in {measured.seconds:.1f} s {measured.failures}"
            )
        return measured


def stop(process: "subprocess.Popen[Any]") -> None:
    """Ends the process, kindly at first."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
