"""A turn: begin, context, model, commit. What may go wrong on the way leaves the message behind as the pending one."""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from bedrock_client import (
    PRICE_VERSION,
    BedrockError,
    Deadline,
    ModelReply,
    ModelRequest,
    converse,
    cost_nano_usd,
    find_model,
)
from conversations.domain import LEASE_MARGIN_SECONDS, Message, PendingTurn, Session, Turn
from conversations.errors import ConversationError, TurnInProgress
from conversations.services import clock
from conversations.services.context import Context, Exchange, build_context, correction, exchanges_of
from conversations.services.erase_session import erase_leftover
from conversations.services.models import resolve_model
from conversations.services.session_cache import SessionCache, cache
from conversations.store import messages, turns

logger = logging.getLogger("conversations")

# Time kept back for marking a turn as failed after its deadline.
FAIL_SECONDS = 5
TITLE_CHARS = 80
_BEGIN_TRIES = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller asks for. None leaves it to the session or the settings."""

    message: str
    session_id: str | None = None
    model_id: str | None = None
    system: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished turn: its session and the answer as the history has it."""

    session_id: str
    answer: Message


def send_message(
    *,
    owner: str,
    order: Order,
    deadline: Deadline,
    ask: Callable[..., ModelReply] = converse,
    held: SessionCache = cache,
) -> Answered:
    """Has a message answered and both stored.

    Raises the errors of `conversations.errors` and `bedrock_client.errors`; after each of them the message is either
    not stored at all (the turn was refused) or stands in the history as pending.
    """
    model_id = resolve_model(order.model_id)
    turn = _begin(owner, order, model_id, deadline=deadline)
    try:
        context = _context(turn, held=held)
        reply = ask(_request(turn, order, context, model_id), deadline=deadline)
        exchange = _exchange(turn, context, reply)
        turns.commit(turn, exchange, now=clock.now(), deadline=deadline)
    except Exception as error:
        _fail(turn, error)
        raise
    window = (*context.exchanges, Exchange.of(turn.pending.message, reply.text))
    held.put(turn.session, turn.session.version + 1, window)
    return Answered(turn.session.session_id, exchange.answer)


def _begin(owner: str, order: Order, model_id: str, *, deadline: Deadline) -> Turn:
    session_id = order.session_id or str(uuid.uuid4())
    for _ in range(_BEGIN_TRIES):
        now = clock.now()
        pending = PendingTurn(
            turn_id=uuid.uuid4().hex,
            message=order.message,
            model_id=model_id,
            started_at=now,
            lease_until=now + dt.timedelta(seconds=max(deadline.remaining(), 0) + LEASE_MARGIN_SECONDS),
            system=order.system,
        )
        try:
            return turns.begin(
                session_id, owner=owner, title=title_of(order.message), pending=pending, deadline=deadline
            )
        except turns.LeftoverFound:
            erase_leftover(session_id, deadline=deadline)
    raise TurnInProgress(retry_after=turns.TURN_RETRY_SECONDS)


def title_of(message: str) -> str:
    """A session's first title: the beginning of its first message, on one line."""
    line = " ".join(message[: 4 * TITLE_CHARS].split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"


def _system(turn: Turn) -> str:
    given = turn.pending.system if turn.pending.system is not None else turn.session.system
    return given or settings.SYSTEM_PROMPT


def _context(turn: Turn, *, held: SessionCache) -> Context:
    session = turn.session
    exchanges = held.get(session)
    newest_first = (
        reversed(exchanges)
        if exchanges is not None
        else exchanges_of(messages.newest(session.session_id, now=turn.pending.started_at) if session.version else ())
    )
    return build_context(
        newest_first,
        question=turn.pending.message,
        system=_system(turn),
        budget=settings.CONTEXT_TOKENS,
        tokens_per_estimate=correction(session),
    )


def _request(turn: Turn, order: Order, context: Context, model_id: str) -> ModelRequest:
    limit = min(order.max_tokens or settings.MAX_OUTPUT_TOKENS, settings.MAX_OUTPUT_TOKENS)
    model = find_model(model_id)
    if model and model.max_output_tokens:
        limit = min(limit, model.max_output_tokens)
    return ModelRequest(
        model_id=model_id,
        messages=context.messages,
        max_tokens=limit,
        system=_system(turn),
        temperature=order.temperature,
        top_p=order.top_p,
    )


def _exchange(turn: Turn, context: Context, reply: ModelReply) -> turns.Exchange:
    asked_at = _question_timestamp(turn.session, turn.pending.started_at)
    cost = cost_nano_usd(reply.model_id, reply.usage)
    question = Message(
        message_id=f"{turn.pending.turn_id}-q",
        turn_id=turn.pending.turn_id,
        role="user",
        content=turn.pending.message,
        timestamp=asked_at,
        created_at=turn.pending.started_at,
        model_id=reply.model_id,
    )
    answer = Message(
        message_id=f"{turn.pending.turn_id}-a",
        turn_id=turn.pending.turn_id,
        role="assistant",
        content=reply.text,
        timestamp=asked_at + dt.timedelta(microseconds=1),
        created_at=clock.now(),
        model_id=reply.model_id,
        usage=reply.usage,
        cost_nano_usd=cost or 0,
        price_version=PRICE_VERSION if cost is not None else "",
        stop_reason=reply.stop_reason,
        latency_ms=reply.latency_ms,
    )
    return turns.Exchange(question=question, answer=answer, prompt_estimate=context.estimate)


def _question_timestamp(session: Session, started_at: dt.datetime) -> dt.datetime:
    """Later than everything said before, whatever the clocks of the processes say."""
    if session.last_timestamp is None:
        return started_at
    return max(started_at, session.last_timestamp + dt.timedelta(microseconds=1))


def _fail(turn: Turn, error: Exception) -> None:
    """Marks the turn as failed. Where even that fails the lease ends it, so the first error is the one to raise."""
    code = error.code if isinstance(error, BedrockError | ConversationError) else "internal_error"
    try:
        turns.fail(turn, error_code=code, now=clock.now(), deadline=Deadline.after(FAIL_SECONDS))
    except ConversationError as second:
        logger.warning("turn %s stays pending until its lease ends: %s", turn.pending.turn_id, second.code)
