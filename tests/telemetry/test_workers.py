"""gunicorn with two workers: whichever Prometheus asks, it is told of both."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes.waiting import until

from .measured_server import SLOTS, Server

ROOT_REQUESTS = (
    'http_server_request_duration_seconds_count{http_request_method="GET",'
    'http_response_status_code="200",http_route="/"}'
)


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
    for name in (f"counter_{killed}0.db", f"gauge_livesum_{killed}0.db"):
        (server.folder / name).touch()  # as of a worker that was killed while it began
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
