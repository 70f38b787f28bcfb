"""The ledger's share of a turn, as a part of the turn's own transaction.

A turn belongs to the day on which it began, so that it is booked in the month whose budget it was reserved from. One
whose process died belongs to the day on which somebody came upon it: that may be weeks later, and its first day be
closed by then (docs/decisions/0011-closed-days-are-copied-into-the-staff-database.md).
"""

import datetime as dt
from typing import Any

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from conversations.domain import Message, Turn
from conversations.store.tables import KEY_COST_PREFIX, USAGE_SHARDS, SpendingRow, UsageRow, shard_of


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


def answered(turn: Turn, answer: Message) -> dict[str, Any]:
    """The write that books an answered turn."""
    actions = [UsageRow.turns.add(1), UsageRow.latency_ms.add(answer.latency_ms), *spent(UsageRow, answer)]
    if turn.budget_key_id:
        actions.append(Path([KEY_COST_PREFIX + turn.budget_key_id]).add(answer.cost_nano_usd))
    return _booked(turn, actions, model_id=answer.model_id, at=turn.pending.started_at)


def failed(turn: Turn, *, found_at: dt.datetime | None = None) -> dict[str, Any]:
    """The write that books a turn without an answer; `found_at` is when somebody came upon one whose process died."""
    at = found_at or turn.pending.started_at
    return _booked(turn, [UsageRow.errors.add(1)], model_id=turn.pending.model_id, at=at)


def _booked(turn: Turn, actions: list[Action], *, model_id: str, at: dt.datetime) -> dict[str, Any]:
    day = at.date().isoformat()
    shard = shard_of(turn.session.session_id, USAGE_SHARDS)
    row = UsageRow(turn.session.owner, f"{day}#{model_id}#{shard}")
    request: dict[str, Any] = row.get_update_kwargs_from_instance(
        actions=[UsageRow.day_shard.set(f"{day}#{shard}"), *actions]
    )
    return request
