"""The conditional update that begins a turn."""

from functools import cache
from typing import Any

from pynamodb.expressions.condition import Condition

from conversations.domain import PendingTurn
from conversations.store.activity import activity, activity_values
from conversations.store.retention import expiry
from conversations.store.sessions import is_readable_by
from conversations.store.tables import SessionRow, session_key
from dynamodb_client.encoding import Item, of_number, of_text, stamp
from dynamodb_client.prepared import PreparedUpdate, parameter


@cache
def _prepared(*, expires: bool, keyed: bool, unless_answered: bool) -> PreparedUpdate:
    actions = [
        SessionRow.owner.set(parameter(":owner")),
        SessionRow.title.set(SessionRow.title | parameter(":title")),
        SessionRow.created_at.set(SessionRow.created_at | parameter(":now")),
        SessionRow.pending.set(parameter(":pending", "M")),
        *activity(state="pending", expires=expires),
    ]
    return PreparedUpdate(SessionRow, actions, _condition(keyed=keyed, unless_answered=unless_answered))


def _condition(*, keyed: bool, unless_answered: bool) -> Condition:
    held: Any = SessionRow.pending  # a path into the item, which PynamoDB types as the map's value
    key = parameter(":key")
    is_readable = is_readable_by(parameter(":owner"), parameter(":epoch", "N"))
    may_continue = is_readable & (held.does_not_exist() | (held.state == "failed"))
    if keyed:
        may_continue &= held.key.does_not_exist() | (held.key != key) | (held.fingerprint == parameter(":fingerprint"))
    if unless_answered:
        may_continue &= SessionRow.last_key.does_not_exist() | (SessionRow.last_key != key)
    condition: Condition = SessionRow.session_id.does_not_exist() | may_continue
    return condition


def begin_request(session_id: str, *, owner: str, title: str, pending: PendingTurn, key: str) -> dict[str, Any]:
    """The arguments of UpdateItem. `key` is the turn's if its session must not have answered it yet, else empty."""
    now, expires_at = pending.started_at, expiry(pending.started_at)
    values: Item = {
        ":owner": of_text(owner),
        ":title": of_text(title),
        ":epoch": of_number(int(now.timestamp())),
        ":pending": {"M": _pending_item(pending)},
        **activity_values(session_id, now=now, expires_at=expires_at),
    }
    if pending.key:
        values[":key"], values[":fingerprint"] = of_text(pending.key), of_text(pending.fingerprint)
    prepared = _prepared(expires=bool(expires_at), keyed=bool(pending.key), unless_answered=bool(key))
    return prepared.request(session_key(session_id), values)


def _pending_item(pending: PendingTurn) -> Item:
    item: Item = {
        "TurnId": of_text(pending.turn_id),
        "Message": of_text(pending.message),
        "ModelId": of_text(pending.model_id),
        "StartedAt": of_text(stamp(pending.started_at)),
        "LeaseUntil": of_text(stamp(pending.lease_until)),
        "State": of_text(pending.state),
    }
    if pending.system is not None:
        item["System"] = of_text(pending.system)
    if pending.key:
        item["Key"], item["Fingerprint"] = of_text(pending.key), of_text(pending.fingerprint)
    return item
