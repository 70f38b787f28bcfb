"""One record of a turn, filled while it runs. At its end it becomes a log line, metrics, and a span.

Whoever runs a turn calls `start`; whatever happens below finds the record in its context. A turn that goes on in
another thread takes its record there: `with record.current(): ...`.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Literal, ParamSpec, TypeVar

from telemetry import metrics, tracing
from telemetry.context import RequestContext, current_request
from telemetry.labels import FAULTS, code_of, model_label
from telemetry.log_lines import log_facts
from telemetry.owners import owner_hash

logger = logging.getLogger("telemetry.turn")

P = ParamSpec("P")
T = TypeVar("T")
Answer = Literal["json", "stream"]
Outcome = Literal["answered", "stopped", "replayed", "refused", "failed"]
Stage = Literal["begin", "context", "model", "commit"]
CacheResult = Literal["hit", "behind", "miss", "new"]

OPERATION, PROVIDER = "chat", "aws.bedrock"
# The code of a turn that its caller stopped.
STOPPED_CODE = "turn_cancelled"


@dataclass(slots=True)
class TurnRecord:
    """What is known of a turn. Durations are seconds, ids empty and figures 0 until they are known.

    `model_id` is the model that was asked for, `answered_by` the one that answered, in `region`.
    """

    owner: str
    answer: Answer
    started: float
    request: RequestContext | None
    trace: tracing.TurnTrace | None
    session_id: str = ""
    turn_id: str = ""
    model_id: str = ""
    answered_by: str = ""
    region: str = ""
    cache: CacheResult | None = None
    stages: dict[str, float] = field(default_factory=dict)
    first_text_seconds: float | None = None
    model_started: float = 0.0
    attempts: int = 0
    store_calls: int = 0
    store_seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nano_usd: int = 0
    stop_reason: str = ""
    outcome: Outcome | None = None
    code: str = ""

    @contextmanager
    def current(self) -> Iterator[None]:
        """Around (a part of) the turn. It ends with the part in which it got an outcome, or with what that raises."""
        held, request = _current.set(self), current_request.set(self.request)
        try:
            yield
        except BaseException as error:
            self._broke_off(error)
            raise
        finally:
            if self.outcome:
                _end(self, self.outcome)
            _current.reset(held)
            current_request.reset(request)

    def begun(self, *, session_id: str, turn_id: str, model_id: str) -> None:
        """The turn has its session's lease."""
        self.session_id, self.turn_id, self.model_id = session_id, turn_id, model_id

    def answered(
        self,
        *,
        model_id: str,
        region: str,
        stop_reason: str,
        input_tokens: int,
        output_tokens: int,
        cost_nano_usd: int,
        stopped: bool,
    ) -> None:
        """The answer is stored; `stopped` says that it is what was said until its caller stopped the turn."""
        self.answered_by, self.region, self.stop_reason = model_id, region, stop_reason
        self.input_tokens, self.output_tokens, self.cost_nano_usd = input_tokens, output_tokens, cost_nano_usd
        self.outcome = "stopped" if stopped else "answered"

    def replayed(self, *, session_id: str, turn_id: str) -> None:
        """The caller is told an answer that was stored before."""
        self.session_id, self.turn_id, self.outcome = session_id, turn_id, "replayed"

    def _broke_off(self, error: BaseException) -> None:
        code = code_of(error)
        if code == STOPPED_CODE:
            self.outcome = "stopped"
        else:
            self.outcome, self.code = ("failed" if self.turn_id else "refused"), code


_current: ContextVar[TurnRecord | None] = ContextVar("current_turn", default=None)


def start(*, owner: str, answer: Answer) -> TurnRecord:
    """A new record; the turn counts as under way until it ends."""
    request = current_request.get()
    started = request.started if request else monotonic()
    metrics.TURNS_IN_FLIGHT.add(1)
    return TurnRecord(owner, answer, started, request, tracing.start_turn(request))


def current_turn() -> TurnRecord | None:
    """The record of the turn that this code works for; None where it works for no turn."""
    return _current.get()


def cache_result(result: CacheResult) -> None:
    """Where the turn's context comes from."""
    if record := _current.get():
        record.cache = result


def first_text() -> None:
    """The model has said its first visible text."""
    if record := _current.get():
        record.first_text_seconds = monotonic() - record.model_started


class stage:  # noqa: N801  # used as a decorator and in `with`, like contextlib's own
    """Around a stage of the turn under way, or of a function that is one; outside a turn nothing happens."""

    __slots__ = ("_name", "_record", "_started")

    def __init__(self, name: Stage) -> None:
        self._name = name

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def staged(*args: P.args, **kwargs: P.kwargs) -> T:
            with stage(self._name):
                return function(*args, **kwargs)

        return staged

    def __enter__(self) -> None:
        self._record, self._started = _current.get(), monotonic()
        if self._record and self._name == "model":
            self._record.model_started = self._started

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._record:
            self._record.stages[self._name] = monotonic() - self._started


def _end(record: TurnRecord, outcome: Outcome) -> None:
    seconds = monotonic() - record.started
    metrics.TURNS_IN_FLIGHT.add(-1)
    _measure(record, outcome, seconds)
    log_facts(logger, logging.INFO, "turn", _facts(record, outcome, seconds))
    if record.trace:
        tracing.end_turn(record.trace, record)


def _measure(record: TurnRecord, outcome: Outcome, seconds: float) -> None:
    metrics.TURNS.add(outcome, record.code, record.answer)
    if record.code in FAULTS:
        metrics.TURNS_BAD.add()
    if outcome in {"answered", "stopped", "failed"}:
        metrics.TURN_SECONDS.observe(seconds, outcome, record.answer)
    if record.code == "budget_exhausted":
        metrics.BUDGET_REFUSALS.add()
    if record.cache:
        metrics.SESSION_CACHE.add(record.cache)
    if record.request:
        metrics.STAGE_SECONDS.observe(record.request.queue_seconds, "queue")
    for name, taken in record.stages.items():
        metrics.STAGE_SECONDS.observe(taken, name)
    _measure_model(record)


def _measure_model(record: TurnRecord) -> None:
    model = model_label(record.model_id)
    if (taken := record.stages.get("model")) is not None:
        # Of a turn that failed behind its model call the call itself went well.
        error = "" if "commit" in record.stages else record.code
        metrics.MODEL_SECONDS.observe(taken, OPERATION, PROVIDER, model, error)
    if record.first_text_seconds is not None:
        metrics.FIRST_TEXT_SECONDS.observe(record.first_text_seconds, OPERATION, PROVIDER, model)
    if record.answered_by:
        by = model_label(record.answered_by)
        metrics.TOKENS.observe(record.input_tokens, OPERATION, PROVIDER, by, "input")
        metrics.TOKENS.observe(record.output_tokens, OPERATION, PROVIDER, by, "output")
        metrics.COST_USD.add(by, amount=record.cost_nano_usd / 1_000_000_000)


def _facts(record: TurnRecord, outcome: Outcome, seconds: float) -> dict[str, object]:
    facts: dict[str, object] = {
        "outcome": outcome,
        "code": record.code,
        "answer": record.answer,
        "owner": owner_hash(record.owner),
        "session_id": record.session_id,
        "turn_id": record.turn_id,
        "model": record.answered_by or record.model_id,
        "region": record.region,
        "stop_reason": record.stop_reason,
        "duration_ms": round(seconds * 1000, 1),
        "store_calls": record.store_calls,
        "store_ms": round(record.store_seconds * 1000, 1),
        "attempts": record.attempts,
        "cache": record.cache or "",
        "input_tokens": record.input_tokens,
        "output_tokens": record.output_tokens,
        "cost_usd": f"{record.cost_nano_usd / 1_000_000_000:.9f}",
    }
    if record.request:
        facts["queue_ms"] = round(record.request.queue_seconds * 1000, 1)
    for name, taken in record.stages.items():
        facts[f"{name}_ms"] = round(taken * 1000, 1)
    if record.first_text_seconds is not None:
        facts["first_text_ms"] = round(record.first_text_seconds * 1000, 1)
    return facts
