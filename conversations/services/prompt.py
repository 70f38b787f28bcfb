"""What the model is asked in a turn: the context, from cache or table, and the caller's wishes within limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.conf import settings

from bedrock_client import ModelRequest, find_model
from conversations.domain import Turn
from conversations.services.context import Context, Exchange, build_context, correction, exchanges_of
from conversations.services.order import Order
from conversations.services.session_cache import SessionCache
from conversations.store import messages
from telemetry.turn import cache_result, stage


@dataclass(frozen=True, slots=True)
class Prompt:
    """The request to the model, and the context it was made from."""

    request: ModelRequest
    context: Context


@stage("context")
def build_prompt(turn: Turn, order: Order, *, held: SessionCache) -> Prompt:
    """Reads the session's newest messages if this process does not hold them. Raises StoreUnavailable."""
    context = _context(turn, held)
    request = ModelRequest(
        model_id=turn.pending.model_id,
        question=turn.pending.message,
        history=[exchange.said for exchange in context.exchanges],
        max_tokens=max_tokens(order, turn.pending.model_id),
        system=_system(turn),
        temperature=order.temperature,
        top_p=order.top_p,
    )
    return Prompt(request, context)


def _context(turn: Turn, held: SessionCache) -> Context:
    session = turn.session
    return build_context(
        _newest_first(turn, held),
        question=turn.pending.message,
        system=_system(turn),
        now=turn.pending.started_at,
        budget=settings.CONTEXT_TOKENS,
        tokens_per_estimate=correction(session),
    )


def _newest_first(turn: Turn, held: SessionCache) -> Iterable[Exchange]:
    if not turn.session.version:
        cache_result("new")
        return ()
    known = held.get(turn.session)
    if known is None:
        cache_result("miss")
        return exchanges_of(messages.newest(turn.session))
    if known.version == turn.session.version:
        cache_result("hit")
        return reversed(known.exchanges)
    cache_result("behind")
    since = exchanges_of(messages.newest(turn.session, after=known.last_timestamp))
    return chain(since, reversed(known.exchanges))


def _system(turn: Turn) -> str:
    given = turn.pending.system if turn.pending.system is not None else turn.session.system
    return given or settings.SYSTEM_PROMPT


def max_tokens(order: Order, model_id: str) -> int:
    """The longest answer: what the caller asks for, within the limits of the settings and the model."""
    limit = min(order.max_tokens or settings.MAX_OUTPUT_TOKENS, settings.MAX_OUTPUT_TOKENS)
    model = find_model(model_id)
    return min(limit, model.max_output_tokens) if model and model.max_output_tokens else limit
