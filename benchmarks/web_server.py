"""A server under measurement: a command, the port it listens on, its processes and its log."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.children import ENVIRONMENT, ROOT, Failed, stop
from benchmarks.processes import children

# Every server here asks these for AWS's services.
_ENDPOINTS = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_BEDROCK", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
_LOG_LINES = 20


class WebServer:
    """Runs until the end of its `with` block; what Failed there is told with the end of its log.

    `started_at` is on the clock of time.perf_counter.
    """

    port: int

    def _start(
        self,
        command: Sequence[str],
        *,
        upstream_port: int,
        log: Path,
        variables: Mapping[str, str],
        descriptors: Sequence[int] = (),
    ) -> None:
        self._log = log
        endpoints = dict.fromkeys(_ENDPOINTS, f"http://127.0.0.1:{upstream_port}")
        environment = {**ENVIRONMENT, **endpoints, **variables}
        self.started_at = time.perf_counter()
        with log.open("w") as file:
            self._process = subprocess.Popen(  # noqa: S603  # our own programs, no shell
                command, cwd=ROOT, env=environment, pass_fds=descriptors, stdout=file, stderr=file, process_group=0
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        stop(self._process)
        if isinstance(error, Failed):
            lines = "\n".join(self._log.read_text().splitlines()[-_LOG_LINES:])
            raise Failed(f"{error}\nThe log of {self._log.parent.name} ends:\n{lines}") from error

    @property
    def workers(self) -> list[int]:
        return children(self._process.pid)

    @property
    def pids(self) -> list[int]:
        """Its first process and those that it started."""
        return [self._process.pid, *self.workers]

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None
