"""Traces as a collector gets them: from gunicorn, by OTLP over HTTP, the last ones when the server ends."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.processes.server_process import ServerProcess
from tests.scripted_bedrock import ScriptedBedrock


class Collector(ThreadingHTTPServer):
    """Takes what is exported."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[ExportTraceServiceRequest] = []
        self.paths: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> set[tuple[str, str]]:
        """Every span with the name of its service."""
        return {
            (attribute.value.string_value, span.name)
            for request in self.requests
            for resource in request.resource_spans
            for attribute in resource.resource.attributes
            for scope in resource.scope_spans
            for span in scope.spans
            if attribute.key == "service.name"
        }


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.add(self.path)
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nobody reads it."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield collector
        collector.shutdown()
        thread.join()


@pytest.mark.parametrize("worker_class", ["gevent", "gthread"])
def test_a_collector_is_sent_the_spans_of_a_turn_before_the_server_ends(
    tmp_path: Path, tables: None, bedrock: ScriptedBedrock, collector: Collector, worker_class: str
) -> None:
    variables = {"TRACES": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    server = ServerProcess(tmp_path, deadline_seconds=20, worker_class=worker_class, **variables)
    try:
        httpx.post(f"{server.url}/chat", json={"message": "Hello"}, timeout=30).raise_for_status()
        server.terminate()
        server.wait(30)
    finally:
        server.kill()

    assert collector.paths == {"/v1/traces"}
    assert collector.spans() == {
        ("chatbot", name)
        for name in (
            "chat us.amazon.nova-pro-v1:0",
            "DynamoDB.UpdateItem",
            "Bedrock Runtime.Converse",
            "DynamoDB.TransactWriteItems",
        )
    }
