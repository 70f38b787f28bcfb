"""gunicorn as in production, with two workers, and what Prometheus reads there."""

import os
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx
from django.conf import settings

from local_aws.ports import listen
from tests.measured import read_page

SLOTS = 50


class Server:
    """gunicorn with production's configuration, at a port for callers and one for Prometheus."""

    def __init__(self, folder: Path, worker_class: str) -> None:
        self.log = folder / "log"
        with ExitStack() as listeners, self.log.open("w") as log:
            ours, prometheus = (listeners.enter_context(listen(0)) for _ in range(2))
            self.url, self.metrics_url = _url(ours), _url(prometheus)
            variables = {
                "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
                "WEB_CONCURRENCY": "2",
                "GUNICORN_CONNECTIONS": str(SLOTS),
                "GUNICORN_WORKER_CLASS": worker_class,
                "METRICS_PORT": str(prometheus.getsockname()[1]),
            }
            binds = [part for one in (ours, prometheus) for part in ("--bind", f"fd://{one.fileno()}")]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "deployment/gunicorn.conf.py", *binds, "chatbot_project.wsgi"],
                cwd=settings.BASE_DIR,
                env=os.environ | variables,
                pass_fds=[ours.fileno(), prometheus.fileno()],
                stdout=log,
                stderr=log,
            )

    @property
    def folder(self) -> Path:
        """Where workers share what they count."""
        places = (Path("/dev/shm"), Path(tempfile.gettempdir()))  # noqa: S108  # looked into, not written to
        [folder] = (found for place in places for found in place.glob(f"chatbot-metrics-*-{self.process.pid}"))
        return folder

    def workers(self) -> set[int]:
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def samples(self) -> dict[str, float]:
        """What Prometheus reads, from either worker."""
        answer = httpx.get(f"{self.metrics_url}/metrics", timeout=30)
        answer.raise_for_status()
        return read_page(answer.text)

    def ask(self, times: int) -> None:
        """Requests, each over a connection of its own, so that both workers get some."""
        for _ in range(times):
            httpx.get(self.url, timeout=30).raise_for_status()


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
