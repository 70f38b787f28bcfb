"""The writes of a turn: begun with one conditional update, ended with one transaction.

The order of the steps is the service's; here stands what each of them writes and on what condition.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Never

from pynamodb.constants import ALL_NEW, ALL_OLD, RETURN_VALUES, UPDATE_ITEM
from pynamodb.exceptions import TransactWriteError, VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from bedrock_client import Deadline
from conversations.domain import Message, PendingTurn, Turn
from conversations.errors import SessionNotFound, TurnInProgress, TurnOvertaken
from conversations.store import ledger
from conversations.store.encoding import expiry, is_expired, stamp, text
from conversations.store.faults import CONDITION_FAILED, TRANSACTION_CANCELLED, error_code
from conversations.store.messages import row_of
from conversations.store.retrying import through_conflicts
from conversations.store.sessions import is_readable_by, session_from_item
from conversations.store.tables import ACTIVITY_SHARDS, PendingTurnMap, SessionRow, shard_of

TURN_RETRY_SECONDS = 1


class LeftoverFound(Exception):
    """The partition holds a session that is over: expired, or not erased to its end. Erase it, then begin again."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a finished turn stores: both messages, and the estimate of its prompt that the next one is corrected by."""

    question: Message
    answer: Message
    prompt_estimate: int


def begin(session_id: str, *, owner: str, title: str, pending: PendingTurn, deadline: Deadline) -> Turn:
    """Creates the session or takes its lease, and stores the message as its pending turn.

    Raises SessionNotFound (somebody else's), TurnInProgress, LeftoverFound, StoreUnavailable.
    """
    now = pending.started_at
    request = SessionRow(session_id).get_update_kwargs_from_instance(
        actions=_begin_actions(session_id, owner=owner, title=title, pending=pending),
        condition=_may_begin(owner, now),
        return_values_on_condition_failure=ALL_OLD,
    )
    request[RETURN_VALUES] = ALL_NEW
    connection = SessionRow.table().connection
    try:
        item = through_conflicts(lambda: connection.dispatch(UPDATE_ITEM, request), deadline=deadline)["Attributes"]
    except VerboseClientError as error:
        if error_code(error) != CONDITION_FAILED:
            raise
        item = _refusing_item(error)
        # A first try whose answer was lost on the way: the lease is ours already.
        if text(item.get("PendingTurn", {}).get("M", {}), "TurnId") != pending.turn_id:
            _refuse(item, owner=owner, now=now)
    return Turn(session=session_from_item(item), pending=pending)


def commit(turn: Turn, exchange: Exchange, *, now: dt.datetime, deadline: Deadline) -> None:
    """Stores both messages, the session's new head and the ledger's share of it: all or nothing.

    Raises SessionNotFound when it was erased meanwhile, TurnOvertaken when another turn has begun, StoreUnavailable
    when it could not be done before the deadline (the turn stays pending).
    """
    session_id, incarnation = turn.session.session_id, stamp(turn.session.created_at)
    rows = [
        row_of(message, session_id=session_id, incarnation=incarnation, expires_at=expiry(now))
        for message in (exchange.question, exchange.answer)
    ]
    _end(
        turn,
        token=turn.pending.turn_id,
        puts=[row.get_save_kwargs_from_instance() for row in rows],
        updates=[
            _session_update(turn, _commit_actions(turn, exchange, now=now)),
            ledger.answered(turn, exchange.answer, now=now),
        ],
        deadline=deadline,
    )


def fail(turn: Turn, *, error_code: str, now: dt.datetime, deadline: Deadline) -> None:
    """Marks the turn as failed and books it; its message stays where it is. Raises as `commit` does."""
    pending: Any = SessionRow.pending  # a path into the item, which PynamoDB types as the map's value
    actions = [
        SessionRow.state.set("failed"),
        pending.state.set("failed"),
        pending.error_code.set(error_code),
    ]
    updates = [_session_update(turn, actions), ledger.failed(turn, now=now)]
    _end(turn, token=f"{turn.pending.turn_id}-f", puts=[], updates=updates, deadline=deadline)


def _begin_actions(session_id: str, *, owner: str, title: str, pending: PendingTurn) -> list[Action]:
    now = pending.started_at
    return [
        SessionRow.owner.set(owner),
        SessionRow.title.set(SessionRow.title | title),
        SessionRow.created_at.set(SessionRow.created_at | stamp(now)),
        SessionRow.pending.set(_pending_map(pending)),
        *_activity(session_id, state="pending", now=now),
    ]


def _commit_actions(turn: Turn, exchange: Exchange, *, now: dt.datetime) -> list[Action]:
    usage = exchange.answer.usage
    actions = [
        *_activity(turn.session.session_id, state="idle", now=now),
        SessionRow.last_timestamp.set(stamp(exchange.answer.timestamp)),
        SessionRow.version.add(1),
        SessionRow.message_count.add(2),
        SessionRow.models.add({exchange.answer.model_id}),
        SessionRow.last_prompt_tokens.set(usage.prompt_tokens if usage else 0),
        SessionRow.last_prompt_estimate.set(exchange.prompt_estimate),
        SessionRow.pending.remove(),
        *ledger.spent(SessionRow, exchange.answer),
    ]
    if turn.pending.system is not None:
        actions.append(SessionRow.system.set(turn.pending.system))
    return actions


def _activity(session_id: str, *, state: str, now: dt.datetime) -> list[Action]:
    """What moves the session to the top of its lists, and puts off its end."""
    expires_at = expiry(now)
    day = f"{now.date().isoformat()}#{shard_of(session_id, ACTIVITY_SHARDS)}"
    return [
        SessionRow.state.set(state),
        SessionRow.updated_at.set(stamp(now)),
        SessionRow.activity_day.set(day),
        SessionRow.expires_at.set(expires_at) if expires_at else SessionRow.expires_at.remove(),
    ]


def _pending_map(pending: PendingTurn) -> PendingTurnMap:
    return PendingTurnMap(
        turn_id=pending.turn_id,
        message=pending.message,
        model_id=pending.model_id,
        started_at=stamp(pending.started_at),
        lease_until=stamp(pending.lease_until),
        state=pending.state,
        system=pending.system,
    )


def _may_begin(owner: str, now: dt.datetime) -> Condition:
    is_free = (
        SessionRow.pending.does_not_exist()
        | (SessionRow.pending.state == "failed")
        | (SessionRow.pending.lease_until <= stamp(now))
    )
    may_continue = is_readable_by(owner, now) & is_free
    condition: Condition = SessionRow.session_id.does_not_exist() | may_continue
    return condition


def _session_update(turn: Turn, actions: list[Action]) -> dict[str, Any]:
    """An update of the session on the condition that this turn is still its pending one, in the same incarnation."""
    condition = (SessionRow.pending.turn_id == turn.pending.turn_id) & (
        SessionRow.created_at == stamp(turn.session.created_at)
    )
    row = SessionRow(turn.session.session_id)
    request: dict[str, Any] = row.get_update_kwargs_from_instance(
        actions=actions, condition=condition, return_values_on_condition_failure=ALL_OLD
    )
    return request


def _end(
    turn: Turn, *, token: str, puts: list[dict[str, Any]], updates: list[dict[str, Any]], deadline: Deadline
) -> None:
    connection = SessionRow.table().connection
    try:
        through_conflicts(
            lambda: connection.transact_write_items([], [], puts, updates, client_request_token=token),
            deadline=deadline,
            through_outages=True,
        )
    except TransactWriteError as error:
        if error_code(error) != TRANSACTION_CANCELLED:
            raise
        # The session's update is the only one with a condition.
        reason = error.cancellation_reasons[len(puts)]
        if reason is None or reason.code != "ConditionalCheckFailed":
            raise
        item = reason.raw_item or {}
        if text(item, "CreatedAt") != stamp(turn.session.created_at) or "ErasingSince" in item:
            raise SessionNotFound from error
        raise TurnOvertaken(retry_after=TURN_RETRY_SECONDS) from error


def _refusing_item(error: VerboseClientError) -> dict[str, Any]:
    """The item that refused a conditional write; PynamoDB keeps it on the SDK's error, one cause down."""
    item: dict[str, Any] = getattr(error.__cause__, "response", {}).get("Item", {})
    return item


def _refuse(item: dict[str, Any], *, owner: str, now: dt.datetime) -> Never:
    if "ErasingSince" in item or is_expired(item, now):
        raise LeftoverFound
    if text(item, "Owner") != owner:
        raise SessionNotFound
    raise TurnInProgress(retry_after=TURN_RETRY_SECONDS)
