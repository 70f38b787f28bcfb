"""One conditional update of a session's head: the item as it is after it, or the item that refused it."""

from typing import Any

from pynamodb.constants import ALL_NEW, ALL_OLD, RETURN_VALUES, UPDATE_ITEM
from pynamodb.exceptions import VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from conversations.store.tables import SessionRow
from core.deadline import Deadline
from dynamodb_client.faults import CONDITION_FAILED, error_code
from dynamodb_client.retrying import through_conflicts

# For a write that belongs to no turn.
WRITE_SECONDS = 5


class Refused(Exception):
    """The condition does not hold, and nothing was changed. `item` is the head that refused, empty if there is none."""

    def __init__(self, item: dict[str, Any]) -> None:
        super().__init__("the condition does not hold")
        self.item = item


def update(session_id: str, actions: list[Action], condition: Condition, *, deadline: Deadline) -> dict[str, Any]:
    """The head after the update. Raises Refused, StoreUnavailable."""
    request = SessionRow(session_id).get_update_kwargs_from_instance(
        actions=actions, condition=condition, return_values_on_condition_failure=ALL_OLD
    )
    return send(request, deadline=deadline)


def send(request: dict[str, Any], *, deadline: Deadline, outages_until: Deadline | None = None) -> dict[str, Any]:
    """The same for a request that is made already, with a condition that answers with the item it refused.

    `outages_until` as in `through_conflicts`.
    """
    request[RETURN_VALUES] = ALL_NEW
    connection = SessionRow.table().connection
    try:
        item: dict[str, Any] = through_conflicts(
            lambda: connection.dispatch(UPDATE_ITEM, request), deadline=deadline, outages_until=outages_until
        )["Attributes"]
    except VerboseClientError as error:
        if error_code(error) != CONDITION_FAILED:
            raise
        # PynamoDB keeps the item on the SDK's error, one cause down.
        raise Refused(getattr(error.__cause__, "response", {}).get("Item", {})) from error
    return item
