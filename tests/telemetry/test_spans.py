"""Traces: the tree of spans that becomes of a turn."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import format_span_id, format_trace_id
from pytest_django import Settings

from telemetry import tracing
from telemetry.owners import owner_hash
from telemetry.spans import SpanTracer, XRayIds, exporting_provider
from tests.scripted_bedrock import ScriptedBedrock, Tokens

from .conftest import Heard

PRO, MICRO = "us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ORDER = {"message": "planted words", "session_id": "s"}


class Spans:
    """The spans that were made."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    @property
    def turn(self) -> ReadableSpan:
        return self._exporter.get_finished_spans()[-1]

    @property
    def children(self) -> list[ReadableSpan]:
        """In the order in which they began; each begins and ends within its turn."""
        *children, turn = self._exporter.get_finished_spans()
        for child in children:
            assert child.parent == turn.context
            times = [turn.start_time, child.start_time, child.end_time, turn.end_time]
            assert times == sorted(time for time in times if time)
        return sorted(children, key=lambda child: child.start_time or 0)

    def __len__(self) -> int:
        return len(self._exporter.get_finished_spans())


def told(span: ReadableSpan) -> tuple[str, str, dict[str, Any], str]:
    return span.name, span.kind.name, dict(span.attributes or {}), span.status.status_code.name


def store(operation: str) -> tuple[str, str, dict[str, Any], str]:
    attributes = {"db.system.name": "aws.dynamodb", "db.operation.name": operation}
    return f"DynamoDB.{operation}", "CLIENT", attributes, "UNSET"


def model(
    operation: str = "Converse", model_id: str = PRO, region: str = "us-east-1", error: str = ""
) -> tuple[str, str, dict[str, Any], str]:
    attributes = {"gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": model_id, "cloud.region": region}
    status = "ERROR" if error else "UNSET"
    return f"Bedrock Runtime.{operation}", "CLIENT", attributes | ({"error.type": error} if error else {}), status


@pytest.fixture
def spans() -> Iterator[Spans]:
    """Traces are on, and go to this list."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(SpanTracer(provider))
    yield Spans(exporter)
    tracing.use(None)
    provider.shutdown()


@pytest.mark.parametrize("answer", ["json", "stream"])
def test_a_turn_is_a_span_with_a_child_for_each_call(
    api: httpx.Client, bedrock: ScriptedBedrock, spans: Spans, answer: str
) -> None:
    if answer == "json":
        bedrock.reply("Hi", usage=Tokens(100, 30))
    else:
        bedrock.stream("Hi", usage=Tokens(100, 30))
    api.post("/chat", json=ORDER | {"stream": answer == "stream"}).raise_for_status()

    name, kind, attributes, status = told(spans.turn)
    assert (name, kind, status, spans.turn.parent) == (f"chat {PRO}", "SERVER", "UNSET", None)
    assert len(attributes.pop("chatbot.turn.id")) == 32
    assert (attributes.pop("gen_ai.response.time_to_first_chunk", None) is not None) == (answer == "stream")
    assert attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.conversation.id": "s",
        "gen_ai.request.model": PRO,
        "gen_ai.response.model": PRO,
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.response.finish_reasons": ("end_turn",),
        "cloud.region": "us-east-1",
        "enduser.pseudo.id": owner_hash("anonymous"),
        "chatbot.turn.outcome": "answered",
        "chatbot.turn.answer": answer,
        "chatbot.session_cache": "new",
        "chatbot.cost_usd": 0.000176,
    }
    operation = "Converse" if answer == "json" else "ConverseStream"
    assert [told(child) for child in spans.children] == [
        store("UpdateItem"),
        model(operation),
        store("TransactWriteItems"),
    ]


def test_every_try_is_a_child(api: httpx.Client, bedrock: ScriptedBedrock, spans: Spans, settings: Settings) -> None:
    settings.BEDROCK_FALLBACK_MODELS = [MICRO]
    bedrock.fail("ThrottlingException", model_id=PRO)
    api.post("/chat", json=ORDER).raise_for_status()

    assert [told(child) for child in spans.children[1:-1]] == [model(error="model_throttled"), model(model_id=MICRO)]


def test_a_turn_that_fails_is_an_error(api: httpx.Client, bedrock: ScriptedBedrock, spans: Spans) -> None:
    bedrock.fail("ModelErrorException")
    assert api.post("/chat", json=ORDER).status_code == 502

    _, _, attributes, status = told(spans.turn)
    assert (attributes["error.type"], attributes["chatbot.turn.outcome"], status) == ("model_error", "failed", "ERROR")


def test_a_turn_belongs_to_its_callers_trace(api: httpx.Client, spans: Spans, heard: Heard) -> None:
    api.post("/chat", json=ORDER, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"}).raise_for_status()

    assert spans.turn.parent is not None
    assert format_span_id(spans.turn.parent.span_id) == PARENT
    assert {line["trace_id"] for line in (*heard.lines("turn"), *heard.lines("request"))} == {TRACE}


def test_log_lines_name_a_trace_that_begins_here(api: httpx.Client, spans: Spans, heard: Heard) -> None:
    api.post("/chat", json=ORDER).raise_for_status()

    assert spans.turn.context is not None
    (turn,) = heard.lines("turn")
    assert turn["trace_id"] == format_trace_id(spans.turn.context.trace_id)


def test_a_trace_that_the_caller_leaves_out_is_left_out(api: httpx.Client, spans: Spans, heard: Heard) -> None:
    api.post("/chat", json=ORDER, headers={"traceparent": f"00-{TRACE}-{PARENT}-00"}).raise_for_status()

    assert len(spans) == 0
    assert heard.lines("turn")[0]["trace_id"] == TRACE


def test_nothing_that_was_said_is_in_a_trace(api: httpx.Client, bedrock: ScriptedBedrock, spans: Spans) -> None:
    bedrock.reply("planted words too")
    api.post("/chat", json=ORDER | {"system": "planted words"}).raise_for_status()

    assert [span for span in (spans.turn, *spans.children) if "planted" in span.to_json()] == []


def test_xrays_trace_ids_begin_with_the_time() -> None:
    first, second = XRayIds().generate_trace_id(), XRayIds().generate_trace_id()

    assert first != second
    assert 0 <= (second >> 96) - (first >> 96) <= 1
    assert (first >> 96) > 1_700_000_000


def test_the_service_has_a_name_that_the_environment_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def name() -> object:
        provider = exporting_provider(xray_ids=False)
        try:
            return provider.resource.attributes["service.name"]
        finally:
            provider.shutdown()

    assert name() == "chatbot"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "chatbot-staging")
    assert name() == "chatbot-staging"
