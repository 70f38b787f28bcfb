"""GET /metrics: for Prometheus at its own port, and for nobody else."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.conf import settings as project
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from pytest_django import Settings

from telemetry.metrics_page import MetricsMiddleware
from tests.measured import read_page

Ask = Callable[..., HttpResponseBase]


@pytest.fixture
def metrics_socket() -> Iterator[socket.socket]:
    """A connection that came to METRICS_PORT."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            yield connection


@pytest.fixture
def ask(settings: Settings, metrics_socket: socket.socket) -> Ask:
    """Asks the middleware for a path, by the connection if `connected`; everything behind it answers 204."""
    settings.METRICS_PORT = metrics_socket.getsockname()[1]
    middleware = MetricsMiddleware(lambda _request: HttpResponse(status=204))

    def answer(
        path: str, *, connected: bool, port: str = str(settings.METRICS_PORT), method: str = "GET"
    ) -> HttpResponseBase:
        request: HttpRequest = RequestFactory().generic(method, path, SERVER_PORT=port)
        if connected:
            request.META["gunicorn.socket"] = metrics_socket
        return middleware(request)

    return answer


def test_prometheus_reads_the_metrics_at_their_own_port(ask: Ask) -> None:
    page = ask("/metrics", connected=True)

    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/plain; version=")
    assert isinstance(page, HttpResponse)
    assert read_page(page.content.decode())["chatbot_request_slots"] > 0


@pytest.mark.parametrize("path", ["/", "/chat", "/health", "/admin/", "/metrics/", "/metrics/x"])
def test_nothing_else_is_answered_there(ask: Ask, path: str) -> None:
    assert ask(path, connected=True).status_code == 404


def test_the_page_is_only_read(ask: Ask) -> None:
    assert ask("/metrics", connected=True, method="POST").status_code == 405


def test_a_port_that_a_caller_only_names_is_none(ask: Ask) -> None:
    assert ask("/metrics", connected=False).status_code == 204


def test_a_connection_that_came_by_another_port_is_none(ask: Ask, settings: Settings) -> None:
    settings.METRICS_PORT += 1

    assert ask("/metrics", connected=True, port=str(settings.METRICS_PORT)).status_code == 204


def test_another_port_has_no_metrics(ask: Ask) -> None:
    assert ask("/metrics", connected=True, port="8000").status_code == 204


@pytest.mark.parametrize("where", ["emf", "off"])
def test_there_is_no_page_where_metrics_go_elsewhere(ask: Ask, settings: Settings, where: str) -> None:
    settings.METRICS = where

    assert ask("/metrics", connected=True).status_code == 204


def test_the_services_own_port_has_no_metrics(api: httpx.Client) -> None:
    assert api.get("/metrics").status_code == 404


def test_the_services_own_port_has_them_where_they_have_none_of_their_own(
    api: httpx.Client, settings: Settings
) -> None:
    settings.METRICS_PORT = 0

    answer = api.get("/metrics", headers={"Host": "10.0.0.1:8000"})

    assert answer.status_code == 200
    assert read_page(answer.text)["chatbot_request_slots"] > 0


def test_the_page_needs_no_page_of_staff_and_no_trace() -> None:
    program = """
import sys
import django
django.setup()
from django.test import Client
assert Client().get("/metrics").status_code == 200
print([name for name in sys.modules if name.startswith(("access.admin", "conversations.admin", "opentelemetry"))])
"""
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "chatbot_project.settings", "METRICS_PORT": "0"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told == "[]\n"
