"""A turn: begin, prompt, model, commit. What may go wrong on the way leaves the message behind as the pending one."""

from collections.abc import Callable

from access.budgets.budget import Budget
from bedrock_client import ModelReply, converse
from conversations.services.answered import Answered
from conversations.services.begin_turn import begin_turn
from conversations.services.deadlines import model_deadline
from conversations.services.end_turn import commit_turn, fail_turn
from conversations.services.order import Order
from conversations.services.prompt import build_prompt
from conversations.services.running_turns import running_turns
from conversations.services.session_cache import SessionCache, cache
from conversations.services.turn_budget import TurnBudget
from conversations.services.turn_record import note_answered, note_begun
from core.deadline import Deadline
from telemetry.turn import stage, start


def send_message(
    *,
    owner: str,
    order: Order,
    deadline: Deadline,
    key: str = "",
    budget: Budget | None = None,
    ask: Callable[..., ModelReply] = converse,
    held: SessionCache = cache,
) -> Answered:
    """Has a message answered and both stored; or finds the answer that the same `key` (Idempotency-Key) was given.

    `budget` pays for it. Raises BudgetExhausted and the errors of `conversations.errors` and `bedrock_client.errors`;
    after each of them the message is either not stored at all (the turn was refused) or stands in the history as
    pending.
    """
    record = start(owner=owner, answer="json")
    with record.current():
        begun = begin_turn(owner=owner, order=order, key=key, deadline=deadline, budget=budget)
        note_begun(record, begun)
        if isinstance(begun, Answered):
            return begun
        funds = TurnBudget(budget, begun)
        with running_turns.running(begun) as stop:
            try:
                prompt = build_prompt(begun, order, held=held)
                funds.reserve(prompt.request, deadline=model_deadline(deadline))
                with stage("model"):
                    reply = ask(prompt.request, deadline=model_deadline(deadline), stop=stop)
            except Exception as error:
                fail_turn(begun, error, funds=funds)
                raise
            answered = commit_turn(begun, prompt, reply, deadline=deadline, held=held, funds=funds)
        note_answered(record, answered)
        return answered
