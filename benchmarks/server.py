"""The service as in production; only where it listens and whom it asks is the benchmark's."""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.web_server import WebServer

# Settings for a look at what grows: the session cache is full after 400 sessions, so that what it holds is no growth;
# its own bound is 32 MB.
SMALL_CACHE = {"SESSION_CACHE_BYTES": "1000000"}


class Server(WebServer):
    """gunicorn with its master and workers. The first request may be sent at once: it waits until it is taken.

    `folder` is made, and holds what the server writes; `settings` are variables of its environment besides.
    """

    def __init__(
        self,
        *,
        upstream_port: int,
        workers: int,
        worker_class: str,
        folder: Path,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        (folder / "static").mkdir(parents=True)
        variables = {
            "DJANGO_SECRET_KEY": "a-key-for-benchmarks-only-of-fifty-characters-that-signs-nothing",
            "ALLOW_ANONYMOUS": "on",
            "RATE_LIMIT": "",
            "MAX_CONCURRENT_TURNS": "0",
            "WEB_CONCURRENCY": str(workers),
            "GUNICORN_WORKER_CLASS": worker_class,
            "LOCAL_STATE_DIR": str(folder),
            **(settings or {}),
        }
        with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
            self.port = listener.getsockname()[1]
            descriptor = listener.fileno()
            command = ["gunicorn", "-c", "deployment/gunicorn.conf.py", "--bind", f"fd://{descriptor}"]
            self._start(
                [sys.executable, "-m", *command, "chatbot_project.wsgi"],
                upstream_port=upstream_port,
                log=folder / "log",
                variables=variables,
                descriptors=[descriptor],
            )
