"""Traces of turns, where TRACES asks for them. Off, nothing of OpenTelemetry is imported and nothing is kept.

The span of a turn begins with it, so that its log lines can name its trace. Its children are kept as plain figures and
become spans when it ends: no context is handed about, and no turn pays for it while somebody waits.
"""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from telemetry.context import RequestContext
    from telemetry.turn import TurnRecord


class TurnTrace(Protocol):
    """The trace of one turn under way."""

    def store_call(self, operation: str, outcome: str, seconds: float) -> None:
        """A call to DynamoDB that has just ended."""

    def model_attempt(self, model_id: str, region: str, outcome: str, seconds: float, *, streamed: bool) -> None:
        """A request to Bedrock that has just ended."""

    def end(self, record: "TurnRecord") -> None:
        """The turn has ended; `record` is complete."""


class Tracer(Protocol):
    """What makes traces."""

    def start_turn(self, request: "RequestContext | None") -> TurnTrace | None:
        """A turn begins, and the request is told its trace id; None where the trace is not sampled."""

    def flush(self) -> None:
        """Send what has ended, within two seconds."""


_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """From now on turns are traced with it; with None they are not."""
    global _tracer  # noqa: PLW0603  # one for the process, chosen at its start
    _tracer = tracer


def start_turn(request: "RequestContext | None") -> TurnTrace | None:
    return _tracer.start_turn(request) if _tracer else None


def end_turn(trace: TurnTrace, record: "TurnRecord") -> None:
    trace.end(record)


def flush() -> None:
    if _tracer:
        _tracer.flush()
