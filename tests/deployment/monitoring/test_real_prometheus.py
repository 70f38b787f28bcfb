"""Prometheus scrapes the server as it is deployed, and sees what happens there from the first event on."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deployment.monitoring.prometheus_server import Prometheus, watching
from tests.deployment.monitoring.rules import all_rules
from tests.deployment.monitoring.series import ALSO_THERE, asked, recorded
from tests.processes.waiting import until
from tests.scripted_bedrock import ScriptedBedrock
from tests.telemetry.measured_server import Server

PRO = "us.amazon.nova-pro-v1:0"
DEADLINE_SECONDS = 5
SECONDS = 60


@pytest.fixture
def server(tmp_path: Path, tables: None, bedrock: ScriptedBedrock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """gunicorn with two workers, and metrics at a port of their own."""
    monkeypatch.setenv("CHAT_DEADLINE_SECONDS", str(DEADLINE_SECONDS))
    server = Server(tmp_path, "gevent")
    yield server
    server.process.terminate()
    server.process.wait(30)


@pytest.fixture
def prometheus(server: Server, tmp_path: Path) -> Iterator[Prometheus]:
    with watching(server.metrics_url.removeprefix("http://"), tmp_path) as prometheus:
        yield prometheus


@pytest.mark.slow
def test_an_alert_fires_when_bedrock_throttles(
    server: Server, prometheus: Prometheus, bedrock: ScriptedBedrock
) -> None:
    until(lambda: prometheus.value("sum(chatbot_request_slots)") is not None, seconds=SECONDS)
    chat(server)
    assert "ChatbotModelThrottled" not in prometheus.firing()

    bedrock.fail("ThrottlingException", times=None)

    def fires() -> bool:
        chat(server)
        return "ChatbotModelThrottled" in prometheus.firing()

    until(fires, seconds=SECONDS)
    alert = prometheus.firing()["ChatbotModelThrottled"]
    assert alert["labels"] == {"alertname": "ChatbotModelThrottled", "model": PRO, "severity": "warning"}
    assert alert["annotations"]["summary"] == f"Bedrock throttles {PRO}"
    assert alert["annotations"]["runbook_url"] == "docs/RUNBOOK.md#chatbotmodelthrottled"


@pytest.mark.slow
def test_the_first_event_of_a_kind_is_seen(server: Server, prometheus: Prometheus, bedrock: ScriptedBedrock) -> None:
    until(lambda: (prometheus.value("sum(count_over_time(chatbot_request_slots[1m]))") or 0) >= 3, seconds=SECONDS)
    chat(server)
    bedrock.fail("ModelErrorException")
    assert httpx.post(f"{server.url}/chat", json={"message": "Hello"}, timeout=30).status_code == 502

    def seen(series: str) -> bool:
        return (prometheus.value(f"sum(increase({series}[1m]))") or 0) > 0

    for series in (
        *("chatbot_turns_bad_total", 'chatbot_turns_total{code=""}', "chatbot_turn_duration_seconds_count"),
        *("chatbot_cost_usd_total", 'chatbot_model_attempts_total{outcome="ok"}'),
    ):
        until(functools.partial(seen, series), seconds=SECONDS)


def test_everything_that_alerts_count_is_there_before_anything_has_happened(server: Server) -> None:
    until(lambda: server.samples().get("chatbot_request_slots", 0) > 0, seconds=SECONDS)
    there = {re.sub(r"\{.*", "", name): value for name, value in server.samples().items()}
    expressions = [str(rule["expr"]) for rule in all_rules()]
    named = {name for expression in expressions for name, _ in asked(expression)} - recorded() - ALSO_THERE

    assert named - there.keys() == set()
    assert {name for name in named if there[name]} == {"chatbot_request_slots"}


def chat(server: Server) -> None:
    """A turn, answered or throttled."""
    answer = httpx.post(f"{server.url}/chat", json={"message": "Hello"}, timeout=30)
    assert answer.status_code in {200, 429, 504}, answer.text
