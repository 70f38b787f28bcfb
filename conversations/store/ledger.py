"""The ledger's share of a turn, as a part of the turn's own transaction.

A turn belongs to the day on which it began, so that it is booked in the month whose budget it was reserved from. One
whose process died belongs to the day on which somebody came upon it: that may be weeks later, and its first day be
closed by then (docs/decisions/0011-closed-days-are-copied-into-the-staff-database.md).
"""

import datetime as dt
from functools import cache, lru_cache
from typing import Any

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from bedrock_client import Usage
from conversations.domain import Message, Turn
from conversations.store.tables import KEY_COST_PREFIX, USAGE_SHARDS, SpendingRow, UsageRow, shard_of
from dynamodb_client.encoding import Item, of_number, of_text
from dynamodb_client.prepared import PreparedUpdate, parameter

# Of how many API keys with a budget of their own the update is kept prepared.
_KEYS = 1024


def spent(row: type[SpendingRow]) -> list[Action]:
    """The part of a prepared update that adds what an answer used to the sums of a session or of the ledger."""
    return [
        row.input_tokens.add(parameter(":input_tokens", "N")),
        row.output_tokens.add(parameter(":output_tokens", "N")),
        row.cache_read_tokens.add(parameter(":cache_read_tokens", "N")),
        row.cache_write_tokens.add(parameter(":cache_write_tokens", "N")),
        row.cost_nano_usd.add(parameter(":cost_nano_usd", "N")),
    ]


def spent_values(answer: Message) -> Item:
    """Its parameters."""
    usage = answer.usage or Usage()
    return {
        ":input_tokens": of_number(usage.input_tokens),
        ":output_tokens": of_number(usage.output_tokens),
        ":cache_read_tokens": of_number(usage.cache_read_tokens),
        ":cache_write_tokens": of_number(usage.cache_write_tokens),
        ":cost_nano_usd": of_number(answer.cost_nano_usd),
    }


def answered(turn: Turn, answer: Message) -> dict[str, Any]:
    """The write that books an answered turn."""
    values = {":latency_ms": of_number(answer.latency_ms), **spent_values(answer)}
    prepared = _answered(turn.budget_key_id)
    return _booked(prepared, turn, values, model_id=answer.model_id, at=turn.pending.started_at)


def failed(turn: Turn, *, found_at: dt.datetime | None = None) -> dict[str, Any]:
    """The write that books a turn without an answer; `found_at` is when somebody came upon one whose process died."""
    at = found_at or turn.pending.started_at
    return _booked(_failed(), turn, {}, model_id=turn.pending.model_id, at=at)


# An attribute for each key whose budget pays, so an update for each.
@lru_cache(_KEYS)
def _answered(budget_key_id: str) -> PreparedUpdate:
    actions = [UsageRow.turns.add(1), UsageRow.latency_ms.add(parameter(":latency_ms", "N")), *spent(UsageRow)]
    if budget_key_id:
        actions.append(Path([KEY_COST_PREFIX + budget_key_id]).add(parameter(":cost_nano_usd", "N")))
    return PreparedUpdate(UsageRow, [_of_the_day(), *actions])


@cache
def _failed() -> PreparedUpdate:
    return PreparedUpdate(UsageRow, [_of_the_day(), UsageRow.errors.add(1)])


def _of_the_day() -> Action:
    return UsageRow.day_shard.set(parameter(":day_shard"))


def _booked(prepared: PreparedUpdate, turn: Turn, values: Item, *, model_id: str, at: dt.datetime) -> dict[str, Any]:
    day = at.date().isoformat()
    shard = shard_of(turn.session.session_id, USAGE_SHARDS)
    key: Item = {"Owner": of_text(turn.session.owner), "DayModelShard": of_text(f"{day}#{model_id}#{shard}")}
    return prepared.request(key, {":day_shard": of_text(f"{day}#{shard}"), **values})
