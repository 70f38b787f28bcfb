"""Spans of turns by OpenTelemetry: one for the turn, and beneath it one for each call to DynamoDB and Bedrock.

The turn's has the attributes of OpenTelemetry's conventions for generative AI, without any content
(https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/). Where spans go and which are kept is OpenTelemetry's
own configuration: the SDK reads its standard variables, OTEL_EXPORTER_OTLP_* and OTEL_TRACES_SAMPLER*.
"""

import random
import time
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from telemetry.context import RequestContext
from telemetry.owners import owner_hash
from telemetry.turn import OPERATION, PROVIDER, TurnRecord

FLUSH_SECONDS = 2
_NANO = 1_000_000_000
_OK = frozenset({"ok", "refused"})


class XRayIds(RandomIdGenerator):
    """Trace ids as X-Ray has always wanted them: they begin with the time in seconds.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
    """

    def generate_trace_id(self) -> int:
        return int(time.time()) << 96 | random.getrandbits(96)


def exporting_provider(*, xray_ids: bool) -> TracerProvider:
    """What sends spans by OTLP over HTTP, in batches and beside the turns."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    named = Resource.create({SERVICE_NAME: "chatbot"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=named, id_generator=XRayIds() if xray_ids else RandomIdGenerator())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class SpanTracer:
    """Traces turns; the provider says what becomes of their spans."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = self._provider.get_tracer("chatbot")

    def start_turn(self, request: RequestContext | None) -> "SpanTree | None":
        """The turn's span, child of the one that the caller named; None for a trace that is not sampled."""
        span = self._tracer.start_span(OPERATION, context=_parent(request), kind=SpanKind.SERVER)
        if request:
            request.trace_id = format_trace_id(span.get_span_context().trace_id)
        return SpanTree(self._tracer, span) if span.is_recording() else None

    def flush(self) -> None:
        self._provider.force_flush(FLUSH_SECONDS * 1000)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that has ended; times in nanoseconds since 1970."""

    name: str
    start: int
    end: int
    attributes: dict[str, AttributeValue]
    error: str


class SpanTree:
    """The spans of one turn."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer, self._span = tracer, span
        self._calls: list[_Call] = []

    def store_call(self, operation: str, outcome: str, seconds: float) -> None:
        attributes: dict[str, AttributeValue] = {"db.system.name": "aws.dynamodb", "db.operation.name": operation}
        self._add(f"DynamoDB.{operation}", outcome, seconds, attributes)

    def model_attempt(self, model_id: str, region: str, outcome: str, seconds: float, *, streamed: bool) -> None:
        attributes: dict[str, AttributeValue] = {
            "gen_ai.provider.name": PROVIDER,
            "gen_ai.request.model": model_id,
            "cloud.region": region,
        }
        self._add(f"Bedrock Runtime.{'ConverseStream' if streamed else 'Converse'}", outcome, seconds, attributes)

    def end(self, record: TurnRecord) -> None:
        """Make spans of everything, and hand them to the exporter."""
        context = set_span_in_context(self._span, Context())
        for call in self._calls:
            child = self._tracer.start_span(
                call.name, context, kind=SpanKind.CLIENT, attributes=call.attributes, start_time=call.start
            )
            _mark(child, call.error)
            child.end(call.end)
        self._span.update_name(f"{OPERATION} {record.model_id}".strip())
        self._span.set_attributes(_attributes(record))
        _mark(self._span, record.code)
        self._span.end()

    def _add(self, name: str, outcome: str, seconds: float, attributes: dict[str, AttributeValue]) -> None:
        end = time.time_ns()
        error = "" if outcome in _OK else outcome
        self._calls.append(_Call(name, end - int(seconds * _NANO), end, attributes, error))


def _parent(request: RequestContext | None) -> Context:
    if request is None or not request.parent_id:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if request.sampled else TraceFlags.DEFAULT)
    parent = SpanContext(int(request.trace_id, 16), int(request.parent_id, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _mark(span: Span, error: str) -> None:
    if error:
        span.set_attribute("error.type", error)
        span.set_status(Status(StatusCode.ERROR))


def _attributes(record: TurnRecord) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {
        "gen_ai.operation.name": OPERATION,
        "gen_ai.provider.name": PROVIDER,
        "chatbot.turn.outcome": record.outcome or "",
        "chatbot.turn.answer": record.answer,
        "enduser.pseudo.id": owner_hash(record.owner),
    }
    known: dict[str, AttributeValue] = {
        "gen_ai.conversation.id": record.session_id,
        "chatbot.turn.id": record.turn_id,
        "chatbot.session_cache": record.cache or "",
        "gen_ai.request.model": record.model_id,
        "gen_ai.response.model": record.answered_by,
        "cloud.region": record.region,
    }
    attributes |= {name: value for name, value in known.items() if value}
    if record.answered_by:
        attributes["gen_ai.usage.input_tokens"] = record.input_tokens
        attributes["gen_ai.usage.output_tokens"] = record.output_tokens
        attributes["gen_ai.response.finish_reasons"] = (record.stop_reason,)
        attributes["chatbot.cost_usd"] = record.cost_nano_usd / _NANO
    if record.first_text_seconds is not None:
        attributes["gen_ai.response.time_to_first_chunk"] = record.first_text_seconds
    return attributes
