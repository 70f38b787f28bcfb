"""gunicorn with two workers: whichever Prometheus asks, it is told of both."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from local_aws.ports import listen
from tests.measured import read_page
from tests.processes.waiting import until

SLOTS = 50
ROOT_REQUESTS = (
    'http_server_request_duration_seconds_count{http_request_method="GET",'
    'http_response_status_code="200",http_route="/"}'
)


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


@pytest.fixture
def worker_class() -> str:
    return "gevent"


@pytest.fixture
def server(tmp_path: Path, worker_class: str) -> Iterator[Server]:
    server = Server(tmp_path, worker_class)
    until(lambda: server.samples().get("chatbot_request_slots") == 2 * SLOTS)
    yield server
    server.process.terminate()
    server.process.wait(30)


@pytest.mark.slow
@pytest.mark.parametrize("worker_class", ["gevent", "gthread"])
def test_counts_of_both_workers_are_one_sum_and_outlive_a_worker(server: Server) -> None:
    server.ask(20)

    assert {server.samples()[ROOT_REQUESTS] for _ in range(10)} == {20.0}
    killed = min(server.workers())
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in server.workers() and len(server.workers()) == 2)
    until(lambda: server.samples()["chatbot_request_slots"] == 2 * SLOTS)
    server.ask(5)
    assert {server.samples()[ROOT_REQUESTS] for _ in range(10)} == {25.0}
    assert server.samples()["chatbot_request_slots"] == 2 * SLOTS
    assert server.samples()["chatbot_requests_in_flight"] == 0


def test_each_port_answers_what_it_is_for(server: Server) -> None:
    assert httpx.get(f"{server.url}/metrics").status_code == 404
    assert httpx.get(f"{server.url}/metrics", headers={"Host": server.metrics_url[7:]}).status_code == 404
    for path in ("/", "/health", "/models", "/admin/"):
        assert httpx.get(f"{server.metrics_url}{path}").status_code == 404


def test_lines_of_gunicorn_and_of_requests_have_one_form(server: Server) -> None:
    server.ask(1)
    server.process.terminate()
    server.process.wait(30)

    lines = server.log.read_text().splitlines()
    assert [line for line in lines if not (line.startswith("{") and line.endswith("}"))] == []
    assert any('"message":"request"' in line for line in lines)
    assert any('"logger":"gunicorn.error"' in line for line in lines)
