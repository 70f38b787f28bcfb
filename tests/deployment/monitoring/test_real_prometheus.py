"""Prometheus scrapes the server as it is deployed, and an alert fires when Bedrock throttles."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deployment.monitoring.prometheus_server import Prometheus, watching
from tests.processes.waiting import until
from tests.scripted_bedrock import ScriptedBedrock
from tests.telemetry.test_workers import Server

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


def chat(server: Server) -> None:
    """A turn, answered or throttled."""
    answer = httpx.post(f"{server.url}/chat", json={"message": "Hello"}, timeout=30)
    assert answer.status_code in {200, 429, 504}, answer.text
