"""How a turn ends: one transaction that holds only while the turn is still the session's pending one.

Two ends of one turn exclude each other: each takes the state `pending` away that the other needs.
"""

import datetime as dt
import uuid
from typing import Any, Never

from pynamodb.constants import ALL_OLD
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from conversations.domain import INTERRUPTED, TURN_CANCELLED, PendingTurn, Session, Turn
from conversations.errors import SessionNotFound, TurnCancelled, TurnOvertaken
from conversations.store import ledger, messages, receipts
from conversations.store.sessions import pending_from_item
from conversations.store.tables import SESSION_KEY, SessionRow
from conversations.store.turn_begin import TURN_RETRY_SECONDS, JustAnswered
from conversations.store.turn_commit_request import Exchange, commit_request, is_under_way, message_puts
from core.deadline import Deadline
from dynamodb_client.encoding import stamp, text
from dynamodb_client.faults import CONDITION_FAILED, TRANSACTION_CANCELLED, error_code
from dynamodb_client.retrying import through_conflicts
from telemetry.metrics import TURNS_FOUND_DEAD

_REFUSED = "ConditionalCheckFailed"
# An item holds 400 KB. Half a kilobyte for every attribute that is not text of the caller or the model is plenty.
_ITEM_BYTES = 400 * 1024 - 8 * 1024


def commit(turn: Turn, exchange: Exchange, *, now: dt.datetime, deadline: Deadline) -> None:
    """Stores both messages, the session's new head, the ledger's share of it and the receipt: all or nothing.

    Raises SessionNotFound when the session was erased meanwhile, TurnCancelled, TurnOvertaken when another turn has
    begun, JustAnswered when another turn with the same key was faster, and StoreUnavailable when it is not known to
    be done by the deadline.
    """
    receipt = [receipts.put_request(turn, exchange.answer, now=now)] if turn.pending.key else []
    try:
        _end(
            turn,
            token=turn.pending.turn_id,
            puts=[*message_puts(turn, exchange, now=now), *receipt],
            updates=[commit_request(turn, exchange, now=now), ledger.answered(turn, exchange.answer)],
            deadline=deadline,
        )
    except TurnOvertaken:
        # A first try whose answer was lost, and whose token DynamoDB has forgotten since.
        if not is_committed(turn, exchange, now=now):
            raise


def fail(turn: Turn, *, error_code: str, partial: str, deadline: Deadline, found_at: dt.datetime | None = None) -> None:
    """Marks the turn as failed and books it; its message stays where it is, with what the model said of an answer.

    `found_at` is that of `fail_interrupted`. Raises SessionNotFound, TurnCancelled, TurnOvertaken (also when it was
    committed after all), StoreUnavailable.
    """
    held: Any = SessionRow.pending  # a path into the item, which PynamoDB types as the map's value
    actions = [SessionRow.state.set("failed"), held.state.set("failed"), held.error_code.set(error_code)]
    if partial:
        actions.append(held.partial.set(_that_fits(partial, turn)))
    session: dict[str, Any] = SessionRow(turn.session.session_id).get_update_kwargs_from_instance(
        actions=actions,
        condition=is_under_way(turn.pending.turn_id, stamp(turn.session.created_at)),
        return_values_on_condition_failure=ALL_OLD,
    )
    updates = [session, ledger.failed(turn, found_at=found_at)]
    # A token of this call's own: the turn's process and whoever stops the turn may both mark it, each in other words.
    _end(turn, token=uuid.uuid4().hex, puts=[], updates=updates, deadline=deadline)


def fail_interrupted(turn: Turn, *, found_at: dt.datetime, deadline: Deadline) -> None:
    """The same for a turn whose process died, on behalf of whoever came upon it; nothing when somebody else was faster.

    Raises StoreUnavailable.
    """
    try:
        fail(turn, error_code=INTERRUPTED, partial="", deadline=deadline, found_at=found_at)
    except (SessionNotFound, TurnCancelled, TurnOvertaken):
        return  # it has ended otherwise, and whatever ended it has booked it
    TURNS_FOUND_DEAD.add()


def clear(session: Session, pending: PendingTurn, *, deadline: Deadline) -> None:
    """Forgets a message that has no answer; nothing when another turn has begun or the session is erased."""
    condition = (SessionRow.pending.turn_id == pending.turn_id) & (SessionRow.created_at == stamp(session.created_at))
    table = SessionRow.table()
    try:
        through_conflicts(
            lambda: table.update_item(
                session.session_id,
                SESSION_KEY,
                actions=[SessionRow.pending.remove(), SessionRow.state.set("idle")],
                condition=condition,
            ),
            deadline=deadline,
        )
    except PynamoDBException as error:
        if error_code(error) != CONDITION_FAILED:
            raise


def is_committed(turn: Turn, exchange: Exchange, *, now: dt.datetime) -> bool:
    """Whether the history holds this turn's answer."""
    stored = messages.get(turn.session.session_id, exchange.answer.timestamp, now=now)
    return stored is not None and stored.turn_id == turn.pending.turn_id


def _that_fits(partial: str, turn: Turn) -> str:
    """As much of it as the session's item has room for."""
    others = (turn.pending.message, turn.pending.system or "", turn.session.system, turn.session.title)
    room = _ITEM_BYTES - sum(len(other.encode()) for other in others)
    return partial.encode()[: max(room, 0)].decode(errors="ignore")


def _end(
    turn: Turn, *, token: str, puts: list[dict[str, Any]], updates: list[dict[str, Any]], deadline: Deadline
) -> None:
    connection = SessionRow.table().connection
    try:
        through_conflicts(
            lambda: connection.transact_write_items([], [], puts, updates, client_request_token=token),
            deadline=deadline,
            outages_until=deadline,
        )
    except TransactWriteError as error:
        if error_code(error) != TRANSACTION_CANCELLED:
            raise
        # DynamoDB gives a reason for each action in its order; the session's update comes first behind the puts.
        session = error.cancellation_reasons[len(puts)]
        if session is not None and session.code == _REFUSED:
            _refuse(turn, session.raw_item or {})
        if any(reason is not None and reason.code == _REFUSED for reason in error.cancellation_reasons):
            raise JustAnswered from error
        raise


def _refuse(turn: Turn, item: dict[str, Any]) -> Never:
    if text(item, "CreatedAt") != stamp(turn.session.created_at) or "ErasingSince" in item:
        raise SessionNotFound
    held = pending_from_item(item)
    if held and held.turn_id == turn.pending.turn_id and held.error_code == TURN_CANCELLED:
        raise TurnCancelled
    raise TurnOvertaken(retry_after=TURN_RETRY_SECONDS)
