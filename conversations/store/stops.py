"""Asking a turn to stop, whichever process it runs in: a mark on its pending turn, which that process looks for."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pynamodb.exceptions import PynamoDBException

from conversations.domain import PendingTurn
from conversations.store.tables import SESSION_KEY, SessionRow
from core.deadline import Deadline
from dynamodb_client.encoding import stamp, text
from dynamodb_client.faults import CONDITION_FAILED, error_code, store_errors
from dynamodb_client.retrying import through_conflicts

# DynamoDB's largest batch.
_BATCH = 100


def request(session_id: str, pending: PendingTurn, *, now: dt.datetime, deadline: Deadline) -> bool:
    """Marks the turn; False when it is not under way any more. Raises StoreUnavailable."""
    held: Any = SessionRow.pending  # a path into the item, which PynamoDB types as the map's value
    condition = (held.turn_id == pending.turn_id) & (held.state == "pending")
    table = SessionRow.table()
    try:
        through_conflicts(
            lambda: table.update_item(
                session_id, SESSION_KEY, actions=[held.stop_requested_at.set(stamp(now))], condition=condition
            ),
            deadline=deadline,
        )
    except PynamoDBException as error:
        if error_code(error) != CONDITION_FAILED:
            raise
        return False
    return True


def find(running: Mapping[str, str]) -> set[str]:
    """Which of these turns should stop, `{turn_id: session_id}`: those that are marked, overtaken or erased.

    What DynamoDB did not get round to read is left for the next time. Raises StoreUnavailable.
    """
    stopped: set[str] = set()
    sessions = sorted(set(running.values()))
    for first in range(0, len(sessions), _BATCH):
        stopped |= _find(running, sessions[first : first + _BATCH])
    return stopped


def _find(running: Mapping[str, str], sessions: list[str]) -> set[str]:
    with store_errors():
        answer = SessionRow.table().batch_get_item(
            [{"SessionId": session_id, "Timestamp": SESSION_KEY} for session_id in sessions],  # type: ignore[misc]
            consistent_read=True,
            attributes_to_get=["SessionId", "PendingTurn.TurnId", "PendingTurn.StopRequestedAt"],
        )
    name = SessionRow.Meta.table_name
    unread = {text(key, "SessionId") for key in answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])}
    held = {text(item, "SessionId"): item.get("PendingTurn", {}).get("M", {}) for item in answer["Responses"][name]}
    return {
        turn_id
        for turn_id, session_id in running.items()
        if session_id in sessions and session_id not in unread and _is_over(held.get(session_id, {}), turn_id)
    }


def _is_over(held: dict[str, Any], turn_id: str) -> bool:
    return text(held, "TurnId") != turn_id or "StopRequestedAt" in held
