"""Beginning a turn, or finding that it was answered already."""

import datetime as dt
import uuid
from dataclasses import replace

from access.budgets.budget import Budget
from conversations.domain import LEASE_MARGIN_SECONDS, PendingTurn, Turn
from conversations.errors import IdempotencyKeyReused, SessionNotFound, TurnInProgress
from conversations.services import clock
from conversations.services.answered import Answered
from conversations.services.erase_session import erase_leftover
from conversations.services.models import resolve_model
from conversations.services.order import Order
from conversations.services.turn_budget import look_into
from conversations.store import messages, receipts, sessions, turn_begin, turn_end
from conversations.store.interrupted import InterruptedFound
from core.deadline import Deadline
from telemetry.turn import stage

TITLE_CHARS = 80
_BEGIN_TRIES = 3


@stage("begin")
def begin_turn(
    *, owner: str, order: Order, key: str, deadline: Deadline, budget: Budget | None = None
) -> Turn | Answered:
    """The turn, with the session's lease; or its answer, when a turn with the same key was answered before.

    An empty `key` is no key. Raises UnknownModel, SessionNotFound, TurnInProgress, IdempotencyKeyReused,
    BudgetExhausted, and nothing of the session was changed but a leftover or a turn whose process died; or
    StoreUnavailable, and nobody knows: a turn that was begun unheard shows its message as pending, until its lease has
    run out or it is stopped.
    """
    model_id = resolve_model(order.model_id)
    session_id = order.session_for(owner, key)
    fingerprint = order.fingerprint() if key else ""
    if answered := find_answer(owner, session_id, key=key, fingerprint=fingerprint):
        return answered
    if budget:
        look_into(budget, order, model_id=model_id)
    unless_answered = True
    for _ in range(_BEGIN_TRIES):
        now = clock.now()
        pending = PendingTurn(
            turn_id=uuid.uuid4().hex,
            message=order.message,
            model_id=model_id,
            started_at=now,
            lease_until=now + dt.timedelta(seconds=max(deadline.remaining(), 0) + LEASE_MARGIN_SECONDS),
            system=order.system,
            key=key,
            fingerprint=fingerprint,
        )
        try:
            turn = turn_begin.begin(
                session_id,
                owner=owner,
                title=title_of(order.message),
                pending=pending,
                deadline=deadline,
                unless_answered=unless_answered,
            )
            return replace(turn, budget_key_id=budget.key_id) if budget else turn
        except InterruptedFound as found:
            in_time = deadline.at_most(turn_begin.OUTAGE_SECONDS)
            turn_end.fail_interrupted(found.turn, found_at=now, deadline=in_time)
        except turn_begin.LeftoverFound:
            erase_leftover(session_id, deadline=deadline)
        except turn_begin.JustAnswered:
            if answered := find_answer(owner, session_id, key=key, fingerprint=fingerprint):
                return answered
            unless_answered = False
    raise TurnInProgress(retry_after=turn_begin.TURN_RETRY_SECONDS)


def find_answer(owner: str, session_id: str, *, key: str, fingerprint: str) -> Answered | None:
    """The answer of the turn with this key, as long as its receipt is kept. Raises IdempotencyKeyReused."""
    now = clock.now()
    receipt = receipts.find(session_id, key, now=now) if key else None
    if receipt is None:
        return None
    try:
        session = sessions.get(session_id, owner=owner, now=now)
    except SessionNotFound:
        return None  # somebody else's, or over: beginning the turn finds out which
    if session.created_at != receipt.session_created_at:
        return None
    if receipt.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    answer = messages.get(session_id, receipt.answer_timestamp, now=now)
    return Answered(session_id, answer, replayed=True) if answer else None


def title_of(message: str) -> str:
    """A session's first title: the beginning of its first message, on one line."""
    line = " ".join(message[: 4 * TITLE_CHARS].split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"
