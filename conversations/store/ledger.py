"""The ledger's share of a turn, as a part of the turn's own transaction."""

import datetime as dt
from typing import Any

from pynamodb.expressions.update import Action

from conversations.domain import Message, Turn
from conversations.store.tables import USAGE_SHARDS, SpendingRow, UsageRow, shard_of


def spent(row: type[SpendingRow], answer: Message) -> list[Action]:
    """Adds what an answer used to the sums of a session or of the ledger."""
    usage = answer.usage
    if usage is None:
        return []
    return [
        row.input_tokens.add(usage.input_tokens),
        row.output_tokens.add(usage.output_tokens),
        row.cache_read_tokens.add(usage.cache_read_tokens),
        row.cache_write_tokens.add(usage.cache_write_tokens),
        row.cost_nano_usd.add(answer.cost_nano_usd),
    ]


def answered(turn: Turn, answer: Message, *, now: dt.datetime) -> dict[str, Any]:
    """The write that books an answered turn."""
    actions = [UsageRow.turns.add(1), UsageRow.latency_ms.add(answer.latency_ms), *spent(UsageRow, answer)]
    return _booked(turn, actions, model_id=answer.model_id, now=now)


def failed(turn: Turn, *, now: dt.datetime) -> dict[str, Any]:
    """The write that books a turn without an answer."""
    return _booked(turn, [UsageRow.errors.add(1)], model_id=turn.pending.model_id, now=now)


def _booked(turn: Turn, actions: list[Action], *, model_id: str, now: dt.datetime) -> dict[str, Any]:
    day = now.date().isoformat()
    shard = shard_of(turn.session.session_id, USAGE_SHARDS)
    row = UsageRow(turn.session.owner, f"{day}#{model_id}#{shard}")
    request: dict[str, Any] = row.get_update_kwargs_from_instance(
        actions=[UsageRow.day_shard.set(f"{day}#{shard}"), *actions]
    )
    return request
