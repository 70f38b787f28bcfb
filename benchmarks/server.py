"""The server as in production; only where it listens and whom it asks is the benchmark's."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.children import ENVIRONMENT, ROOT, stop
from benchmarks.processes import children


class Server:
    """gunicorn with its master and workers. The first request may be sent at once: it waits until it is taken."""

    def __init__(self, *, upstream_port: int, workers: int, worker_class: str, folder: Path) -> None:
        upstream = f"http://127.0.0.1:{upstream_port}"
        environment = {
            **ENVIRONMENT,
            "DJANGO_SECRET_KEY": "a-key-for-benchmarks-only-of-fifty-characters-that-signs-nothing",
            "ALLOW_ANONYMOUS": "on",
            "RATE_LIMIT": "",
            "MAX_CONCURRENT_TURNS": "0",
            "WEB_CONCURRENCY": str(workers),
            "GUNICORN_WORKER_CLASS": worker_class,
            "LOCAL_STATE_DIR": str(folder),
            "AWS_ENDPOINT_URL_DYNAMODB": upstream,
            "AWS_ENDPOINT_URL_BEDROCK": upstream,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": upstream,
        }
        (folder / "static").mkdir()
        self._log = folder / "log"
        self.started_at = time.perf_counter()
        with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener, self._log.open("w") as log:
            self.port: int = listener.getsockname()[1]
            descriptor = listener.fileno()
            command = ["gunicorn", "-c", "deployment/gunicorn.conf.py", "--bind", f"fd://{descriptor}"]
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                [sys.executable, "-m", *command, "chatbot_project.wsgi"],
                cwd=ROOT,
                env=environment,
                pass_fds=[descriptor],
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        stop(self._process)

    @property
    def workers(self) -> list[int]:
        return children(self._process.pid)

    @property
    def pids(self) -> list[int]:
        """gunicorn's master and its workers."""
        return [self._process.pid, *self.workers]

    def log(self) -> str:
        """The last lines of what it logged."""
        return "\n".join(self._log.read_text().splitlines()[-20:])
