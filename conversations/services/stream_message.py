"""The same turn, told while it happens.

The turn runs in a thread of its own, and whoever asked only watches: a caller that goes away stops nothing.
"""

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass

from django.conf import settings

from access.budgets.budget import Budget, Standing
from bedrock_client import CallStopped, ContentBlocked, ModelReply, ReplyStream, Stop, converse_stream
from conversations.domain import CANCELLED, Turn
from conversations.services.answered import Answered
from conversations.services.begin_turn import begin_turn
from conversations.services.deadlines import model_deadline
from conversations.services.end_turn import answer_id, commit_turn, fail_turn
from conversations.services.order import Order
from conversations.services.prompt import Prompt, build_prompt
from conversations.services.running_turns import running_turns
from conversations.services.session_cache import SessionCache, cache
from conversations.services.turn_budget import TurnBudget
from conversations.services.turn_record import note_answered, note_begun
from core.deadline import Deadline
from core.errors import ServiceError
from telemetry.turn import TurnRecord, first_text, stage, start

logger = logging.getLogger("conversations")

ANY_PLACE = nullcontext()


@dataclass(frozen=True, slots=True)
class Started:
    """The model has begun to answer. `standing` is that of the budget with the turn's reservation, if one pays."""

    session_id: str
    message_id: str
    model_id: str
    region: str
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer; all of them together are the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The turn is stored."""

    answered: Answered


@dataclass(frozen=True, slots=True)
class Failed:
    """The turn has no answer, or not the whole of it."""

    error: Exception


TurnEvent = Started | Delta | Done | Failed


class Watch:
    """What one caller sees of a turn: the events so far, and those to come. Done or Failed is the last one.

    `replayed` says that the turn was answered before, and is told again.
    """

    def __init__(self, *events: TurnEvent, replayed: bool = False) -> None:
        self.replayed = replayed
        self._events: queue.SimpleQueue[TurnEvent] = queue.SimpleQueue()
        for event in events:
            self.tell(event)

    def tell(self, event: TurnEvent) -> None:
        self._events.put(event)

    def next(self, seconds: float) -> TurnEvent | None:
        """The next event; None when nothing happens for so long."""
        try:
            return self._events.get(timeout=seconds)
        except queue.Empty:
            return None


def stream_message(
    *,
    owner: str,
    order: Order,
    deadline: Deadline,
    key: str = "",
    budget: Budget | None = None,
    place: AbstractContextManager[None] = ANY_PLACE,
    held: SessionCache = cache,
) -> Watch:
    """Begins the turn and lets it run; what the same `key` (Idempotency-Key) was answered is told again.

    `budget` pays for it. `place` is entered before the turn begins and left when it has ended, whoever watches.
    Raises what it and `begin_turn` raise. Everything later is an event: Failed first of all when the model refuses.
    """
    with ExitStack() as until_started:
        until_started.enter_context(place)
        record = start(owner=owner, answer="stream")
        with record.current():
            begun = begin_turn(owner=owner, order=order, key=key, deadline=deadline, budget=budget)
            note_begun(record, begun)
        if isinstance(begun, Answered):
            return _replay(begun)
        watch, kept = Watch(), until_started.pop_all()
    funds = TurnBudget(budget, begun)
    arguments = (begun, order, watch.tell, deadline, held, kept, funds, record)
    turn = threading.Thread(target=_run, args=arguments, name="turn")
    try:
        turn.start()
    except RuntimeError as error:  # no thread to be had
        with record.current(), kept:
            fail_turn(begun, error)
            raise
    return watch


def _replay(answered: Answered) -> Watch:
    answer = answered.answer
    started = Started(answered.session_id, answer.message_id, answer.model_id, answer.region)
    return Watch(started, Delta(answer.content), Done(answered), replayed=True)


def _run(
    turn: Turn,
    order: Order,
    tell: Callable[[TurnEvent], None],
    deadline: Deadline,
    held: SessionCache,
    place: AbstractContextManager[object],
    funds: TurnBudget,
    record: TurnRecord,
) -> None:
    try:
        with record.current(), place, running_turns.running(turn) as stop:
            prompt, reply = _ask(turn, order, tell, stop, deadline, held, funds)
            answered = commit_turn(turn, prompt, reply, deadline=deadline, held=held, funds=funds)
            note_answered(record, answered)
    except ServiceError as error:
        tell(Failed(error))
    except Exception as error:
        logger.exception("turn %s has failed", turn.pending.turn_id)  # nobody may be watching any more
        tell(Failed(error))
    else:
        tell(Done(answered))


def _ask(
    turn: Turn,
    order: Order,
    tell: Callable[[TurnEvent], None],
    stop: Stop,
    deadline: Deadline,
    held: SessionCache,
    funds: TurnBudget,
) -> tuple[Prompt, ModelReply]:
    stream: ReplyStream | None = None
    try:
        prompt = build_prompt(turn, order, held=held)
        funds.reserve(prompt.request, deadline=model_deadline(deadline))
        with stage("model"):
            stream = converse_stream(
                prompt.request,
                deadline=model_deadline(deadline),
                stall_seconds=settings.STREAM_STALL_SECONDS,
                stop=stop,
            )
            first_text()
            with closing(stream):
                return prompt, _listen(turn, stream, tell, funds.standing)
    except Exception as error:
        # What was blocked is not kept.
        said = stream.text if stream and not isinstance(error, ContentBlocked) else ""
        fail_turn(turn, error, partial=said, funds=funds)
        raise


def _listen(
    turn: Turn, stream: ReplyStream, tell: Callable[[TurnEvent], None], standing: Standing | None
) -> ModelReply:
    """The reply, whole or up to where the turn was stopped."""
    tell(Started(turn.session.session_id, answer_id(turn), stream.model_id, stream.region, standing))
    try:
        for piece in stream:
            tell(Delta(piece))
    except CallStopped:
        if not stream.text.strip():
            raise
        return ModelReply(stream.text, CANCELLED, None, 0, stream.model_id, stream.region)
    return stream.reply
