"""Ending a turn: its answer is stored, or the reason why there is none."""

import datetime as dt
import logging
from dataclasses import replace

from bedrock_client import PRICE_VERSION, ModelReply, Usage, cost_nano_usd
from conversations.domain import Message, Session, Turn
from conversations.errors import TurnInProgress, TurnOvertaken
from conversations.services import clock
from conversations.services.answered import Answered
from conversations.services.begin_turn import find_answer
from conversations.services.context import Exchange, correction, estimate_tokens
from conversations.services.prompt import Prompt
from conversations.services.session_cache import Held, SessionCache
from conversations.services.turn_budget import TurnBudget
from conversations.store import turn_begin, turn_commit_request, turn_end
from conversations.store.retention import expiry
from core.deadline import Deadline
from core.errors import ServiceError
from dynamodb_client.errors import StoreUnavailable
from telemetry.turn import stage

logger = logging.getLogger("conversations")

# Time kept back for marking a turn as failed after its deadline.
FAIL_SECONDS = 5


@stage("commit")
def commit_turn(
    turn: Turn, prompt: Prompt, reply: ModelReply, *, deadline: Deadline, held: SessionCache, funds: TurnBudget
) -> Answered:
    """Stores the question and its answer, remembers them for the session's next turn, and settles what it cost.

    Raises the errors of `store.turn_end.commit`, but a turn with the same key that was faster is answered with its
    answer. Where the outcome stays unknown the turn is marked as failed, unless it turns out to be stored.
    """
    try:
        answered = _commit(turn, prompt, reply, deadline=deadline, held=held)
    except Exception:
        funds.unanswered(_cost(turn, prompt, reply))  # more than nothing, should it be in the ledger after all
        raise
    if answered.replayed:
        funds.unanswered(_cost(turn, prompt, reply))
    else:
        funds.answered(answered.answer.cost_nano_usd)
    return replace(answered, standing=funds.standing)


def _commit(turn: Turn, prompt: Prompt, reply: ModelReply, *, deadline: Deadline, held: SessionCache) -> Answered:
    try:
        exchange = _exchange(turn, prompt, reply)
        turn_end.commit(turn, exchange, now=clock.now(), deadline=deadline)
    except turn_begin.JustAnswered:
        return _answer_of_the_faster(turn)
    except StoreUnavailable as error:
        if not _is_stored_after_all(turn, exchange, error):
            raise
    except ServiceError:
        raise  # the session is not this turn's any more, so there is nothing to mark
    except Exception as error:
        fail_turn(turn, error, partial=reply.text)
        raise
    session, answer = turn.session, exchange.answer
    exchanges = (*prompt.context.exchanges, _said(turn, reply))
    held.put(session.session_id, Held(session.created_at, session.version + 1, answer.timestamp, exchanges))
    return Answered(session.session_id, answer)


def _said(turn: Turn, reply: ModelReply) -> Exchange:
    return Exchange.of(turn.pending.message, reply.text, expires_at=expiry(clock.now()))


def fail_turn(turn: Turn, error: Exception, *, partial: str = "", funds: TurnBudget | None = None) -> None:
    """Marks the turn as failed, and settles what it cost.

    Where even that fails the lease ends it, so the first error is the one to raise.
    """
    try:
        _mark_failed(turn, error, partial=partial)
    except ServiceError as second:
        logger.warning("turn %s stays as it is: %s", turn.pending.turn_id, second.code)
    if funds:
        funds.failed(error)


def _mark_failed(turn: Turn, error: Exception, *, partial: str) -> None:
    code = error.code if isinstance(error, ServiceError) else "internal_error"
    turn_end.fail(turn, error_code=code, partial=partial, deadline=Deadline.after(FAIL_SECONDS))


def _is_stored_after_all(turn: Turn, exchange: turn_commit_request.Exchange, error: StoreUnavailable) -> bool:
    """Marks a turn as failed whose commit brought no answer; True when the mark is refused by the commit itself."""
    try:
        _mark_failed(turn, error, partial=exchange.answer.content)
    except TurnOvertaken:
        return turn_end.is_committed(turn, exchange, now=clock.now())
    except ServiceError as second:
        logger.warning("turn %s stays pending until its lease ends: %s", turn.pending.turn_id, second.code)
    return False


def _answer_of_the_faster(turn: Turn) -> Answered:
    turn_end.clear(turn.session, turn.pending, deadline=Deadline.after(FAIL_SECONDS))
    session, pending = turn.session, turn.pending
    answered = find_answer(session.owner, session.session_id, key=pending.key, fingerprint=pending.fingerprint)
    if answered is None:
        raise TurnInProgress(retry_after=turn_begin.TURN_RETRY_SECONDS)
    return answered


def _exchange(turn: Turn, prompt: Prompt, reply: ModelReply) -> turn_commit_request.Exchange:
    asked_at = _question_timestamp(turn.session, turn.pending.started_at)
    usage = _usage(turn, prompt, reply)
    cost = cost_nano_usd(reply.model_id, usage)
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
        message_id=answer_id(turn),
        turn_id=turn.pending.turn_id,
        role="assistant",
        content=reply.text,
        timestamp=asked_at + dt.timedelta(microseconds=1),
        created_at=clock.now(),
        model_id=reply.model_id,
        region=reply.region,
        usage=usage,
        cost_nano_usd=cost or 0,
        price_version=PRICE_VERSION if cost is not None else "",
        stop_reason=reply.stop_reason,
        latency_ms=reply.latency_ms,
    )
    return turn_commit_request.Exchange(question=question, answer=answer, prompt_estimate=prompt.context.estimate)


def answer_id(turn: Turn) -> str:
    """The id that the turn's answer has, or will have."""
    return f"{turn.pending.turn_id}-a"


def _question_timestamp(session: Session, started_at: dt.datetime) -> dt.datetime:
    """Later than everything said before, whatever the clocks of the processes say."""
    if session.last_timestamp is None:
        return started_at
    return max(started_at, session.last_timestamp + dt.timedelta(microseconds=1))


def _cost(turn: Turn, prompt: Prompt, reply: ModelReply) -> int:
    return cost_nano_usd(reply.model_id, _usage(turn, prompt, reply)) or 0


def _usage(turn: Turn, prompt: Prompt, reply: ModelReply) -> Usage:
    """What Bedrock said; what a reply has most likely used whose stream ended before it said so."""
    if reply.usage is not None:
        return reply.usage
    prompt_tokens = round(prompt.context.estimate * correction(turn.session))
    return Usage(input_tokens=prompt_tokens, output_tokens=estimate_tokens(reply.text))
