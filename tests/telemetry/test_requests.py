"""What is told of each request: a log line that knows the route and not the path, and metrics."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch
from pytest_django import Settings

from telemetry.owners import owner_hash
from telemetry.requests import RequestMiddleware
from tests.measured import Measured
from tests.scripted_bedrock import ScriptedBedrock

from .conftest import Heard

REQUEST = {"X-Request-ID": "r-1"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
AMAZONS = f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent=b7ad6b7169203331;Sampled=1"


def line(method: str, route: str, status: int, **differences: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    usual = {
        "level": "INFO",
        "logger": "telemetry.request",
        "message": "request",
        "request_id": "r-1",
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": "measured",
        "queue_ms": "measured",
        "owner": owner_hash("anonymous"),
    }
    return usual | differences


def count(method: str, route: str, status: int) -> dict[str, float]:
    labels = f'http_request_method="{method}",http_response_status_code="{status}",http_route="{route}"'
    return {f"http_server_request_duration_seconds_count{{{labels}}}": 1.0}


@pytest.mark.parametrize(
    ("method", "path", "route", "status", "owner"),
    [
        ("POST", "/models/list", "/models/list", 200, "anonymous"),
        ("GET", "/history/a-session-id", "/history/{session_id}", 404, "anonymous"),
        ("DELETE", "/sessions/a-session-id/pending", "/sessions/{session_id}/pending", 404, "anonymous"),
        ("PATCH", "/sessions/a-session-id", "/sessions/{session_id}", 400, "anonymous"),
        ("BREW", "/chat", "/chat", 405, "anonymous"),
        ("GET", "/history/a-session-id?limit=a-session-id", "/history/{session_id}", 400, "anonymous"),
        ("GET", "/nothing/a-session-id", "none", 404, ""),
        ("GET", "/static/nothing.css", "/static", 404, ""),
        ("GET", "/", "/", 200, ""),
    ],
)
def test_a_request_by_its_route(
    api: httpx.Client, heard: Heard, measured: Measured, method: str, path: str, route: str, status: int, owner: str
) -> None:
    assert api.request(method, path, headers=REQUEST).status_code == status

    told = "_OTHER" if method == "BREW" else method
    assert heard.lines("request") == [line(told, route, status, owner=owner and owner_hash(owner))]
    assert {name: value for name, value in measured.since("http_server").items() if "_count{" in name} == count(
        told, route, status
    )


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ("admin/(?P<url>.*)$", "/admin/{url}"),
        ("admin/conversations/session/<path:object_id>/change/", "/admin/conversations/session/{object_id}/change/"),
        ("", "/"),
    ],
)
def test_a_route_is_written_as_the_openapi_document_writes_it(heard: Heard, route: str, told: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.resolver_match = ResolverMatch(view, (), {}, route=route)
        return HttpResponse()

    RequestMiddleware(view)(RequestFactory().get("/"))

    assert heard.lines("request") == [line("GET", told, 200, request_id="", owner="")]


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_a_probe_is_told_to_those_who_debug_alone(
    api: httpx.Client, heard: Heard, measured: Measured, path: str
) -> None:
    api.get(path, headers=REQUEST).raise_for_status()

    assert heard.lines("request") == [line("GET", path, 200, level="DEBUG", owner="")]
    assert measured.since("http_server") == {}


def test_a_stream_is_told_when_its_last_byte_is_sent(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard, measured: Measured
) -> None:
    gate = bedrock.gate()
    bedrock.stream("Half an ", gate, "answer")
    with ThreadPoolExecutor(1) as pool:
        streamed = pool.submit(api.post, "/chat", json={"message": "Hello", "stream": True}, headers=REQUEST)
        assert gate.reached.wait(10)
        assert heard.lines("request") == []
        gate.open()
        streamed.result().raise_for_status()

    assert measured.since("chatbot_requests_in_flight") == {}
    assert heard.lines("request") == [line("POST", "/chat", 200)]


def test_an_error_nobody_foresaw_is_told_with_its_traceback_and_without_its_path(
    api: httpx.Client, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    logging.getLogger("django.request").addHandler(heard)
    monkeypatch.setattr("conversations.api.views.read_history", fail)
    assert api.get("/history/a-session-id", headers=REQUEST).status_code == 500
    logging.getLogger("django.request").removeHandler(heard)

    assert heard.lines("request") == [line("GET", "/history/{session_id}", 500)]
    (error,) = heard.lines("Internal Server Error: /history/{session_id}")
    assert "nobody foresaw this" in error.pop("exc_info")
    assert error == {
        "level": "ERROR",
        "logger": "django.request",
        "message": "Internal Server Error: /history/{session_id}",
        "request_id": "r-1",
        "status_code": 500,
    }


def test_a_failure_that_has_a_problem_of_its_own_is_one_line(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard
) -> None:
    logging.getLogger("django.request").addHandler(heard)
    bedrock.fail("ModelErrorException")
    assert api.post("/chat", json={"message": "Hello"}, headers=REQUEST).status_code == 502
    logging.getLogger("django.request").removeHandler(heard)

    assert heard.lines("request") == [line("POST", "/chat", 502)]
    assert heard.lines("Bad Gateway: /chat") == []


@pytest.mark.parametrize(
    "headers",
    [{"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, {"X-Amzn-Trace-Id": AMAZONS}],
    ids=["w3c", "amazon"],
)
def test_lines_of_a_request_name_its_trace(api: httpx.Client, heard: Heard, headers: dict[str, str]) -> None:
    api.post("/chat", json={"message": "Hello"}, headers=headers | REQUEST).raise_for_status()

    (turn,), (request,) = heard.lines("turn"), heard.lines("request")
    assert (turn["trace_id"], turn["request_id"]) == (TRACE, "r-1")
    assert request == line("POST", "/chat", 200, trace_id=TRACE)


def test_whatever_is_logged_on_the_way_names_the_request(
    api: httpx.Client, bedrock: ScriptedBedrock, heard: Heard
) -> None:
    logging.getLogger("bedrock_client").addHandler(heard)
    bedrock.fail("ModelErrorException", times=2)
    for stream in (False, True):
        api.post("/chat", json={"message": "Hello", "stream": stream}, headers=REQUEST)
    logging.getLogger("bedrock_client").removeHandler(heard)

    told = "us.amazon.nova-pro-v1:0 in us-east-1: model_error: ModelErrorException (request scripted): scripted"
    assert [line["request_id"] for line in heard.lines(told)] == ["r-1", "r-1"]


def test_owners_are_told_apart_and_not_named(settings: Settings) -> None:
    owner_hash.cache_clear()
    settings.SECRET_KEY = "one"
    first = owner_hash("alice")

    assert owner_hash("alice") == first
    assert owner_hash("bob") != first
    assert len(first) == 16
    owner_hash.cache_clear()
    settings.SECRET_KEY = "another"
    assert owner_hash("alice") != first
    owner_hash.cache_clear()
