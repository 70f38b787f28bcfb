"""The writes of the transaction that commits a turn: both messages, and the session's new head."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from pynamodb.constants import ITEM, TABLE_NAME
from pynamodb.expressions.condition import Condition

from bedrock_client import Usage
from conversations.domain import Message, Turn
from conversations.store import ledger
from conversations.store.activity import activity, activity_values
from conversations.store.message_items import item_of
from conversations.store.retention import expiry
from conversations.store.tables import MessageRow, SessionRow, session_key
from dynamodb_client.encoding import Item, of_number, of_text, stamp
from dynamodb_client.prepared import PreparedUpdate, parameter


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a finished turn stores: both messages, and the estimate of its prompt that the next one is corrected by."""

    question: Message
    answer: Message
    prompt_estimate: int


def message_puts(turn: Turn, exchange: Exchange, *, now: dt.datetime) -> list[dict[str, Any]]:
    """The Puts of both messages."""
    incarnation, expires_at = stamp(turn.session.created_at), expiry(now)
    return [
        {
            TABLE_NAME: MessageRow.Meta.table_name,
            ITEM: item_of(message, session_id=turn.session.session_id, incarnation=incarnation, expires_at=expires_at),
        }
        for message in (exchange.question, exchange.answer)
    ]


def is_under_way(turn_id: str, incarnation: str) -> Condition:
    """The condition of an update of the session: this turn is under way in it, in the same incarnation."""
    condition: Condition = (
        (SessionRow.pending.turn_id == turn_id)
        & (SessionRow.pending.state == "pending")
        & (SessionRow.created_at == incarnation)
    )
    return condition


def commit_request(turn: Turn, exchange: Exchange, *, now: dt.datetime) -> dict[str, Any]:
    """The Update of the session."""
    answer, pending, expires_at = exchange.answer, turn.pending, expiry(now)
    values: Item = {
        ":turn_id": of_text(pending.turn_id),
        ":incarnation": of_text(stamp(turn.session.created_at)),
        ":last_timestamp": of_text(stamp(answer.timestamp)),
        ":models": {"SS": [answer.model_id]},
        ":prompt_tokens": of_number((answer.usage or Usage()).prompt_tokens),
        ":prompt_estimate": of_number(exchange.prompt_estimate),
        **activity_values(turn.session.session_id, now=now, expires_at=expires_at),
        **ledger.spent_values(answer),
    }
    if pending.system is not None:
        values[":system"] = of_text(pending.system)
    if pending.key:
        values[":key"] = of_text(pending.key)
    prepared = _committed(expires=bool(expires_at), with_system=pending.system is not None, keyed=bool(pending.key))
    return prepared.request(session_key(turn.session.session_id), values)


@cache
def _committed(*, expires: bool, with_system: bool, keyed: bool) -> PreparedUpdate:
    actions = [
        *activity(state="idle", expires=expires),
        SessionRow.last_timestamp.set(parameter(":last_timestamp")),
        SessionRow.version.add(1),
        SessionRow.message_count.add(2),
        SessionRow.models.add(parameter(":models", "SS")),
        SessionRow.last_prompt_tokens.set(parameter(":prompt_tokens", "N")),
        SessionRow.last_prompt_estimate.set(parameter(":prompt_estimate", "N")),
        SessionRow.pending.remove(),
        *ledger.spent(SessionRow),
    ]
    if with_system:
        actions.append(SessionRow.system.set(parameter(":system")))
    if keyed:
        actions.append(SessionRow.last_key.set(parameter(":key")))
    return PreparedUpdate(SessionRow, actions, is_under_way(parameter(":turn_id"), parameter(":incarnation")))
