"""The item that keeps a budget's month: what is spent, and what the turns under way have reserved.

It stands in the ledger's table and in its owner's partition, sort `#budget#2026-11`, or `#budget#2026-11#<key id>` for
a key's own: a ledger row's sort begins with a digit, so no query of days meets it, and it is in no index.

| attribute | |
|---|---|
| Committed | nano-dollars: spent, and reserved by turns under way. One number, because a condition cannot add two |
| Unanswered | nano-dollars: the part that turns without an answer cost; the ledger does not know it |
| Live | number of reservations |
| Version | counts every write, so that a sum worked out from an older state is refused |
| Turn#<turn id> | a reservation: Amount in nano-dollars, and the end of the turn's lease; gone when it is settled |

A reservation takes about 100 bytes, and a write costs a unit for each KB of the item; hence a bound.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import ALL_NEW, ALL_OLD, ITEM, RETURN_VALUES, UPDATE_ITEM
from pynamodb.exceptions import VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from access.budgets.account import Account, Reservation
from access.budgets.budget import BudgetMonth
from core.deadline import Deadline
from dynamodb_client.client import Row
from dynamodb_client.encoding import moment, number, stamp, text
from dynamodb_client.faults import CONDITION_FAILED, error_code
from dynamodb_client.retrying import through_conflicts

OUTAGE_SECONDS = 3
_PREFIX = "Turn#"


class AccountRow(Row):
    """The attributes that every account has."""

    class Meta:
        table_name = settings.USAGE_TABLE

    owner = UnicodeAttribute(hash_key=True, attr_name="Owner")
    sort = UnicodeAttribute(range_key=True, attr_name="DayModelShard")
    committed = NumberAttribute(attr_name="Committed", null=True)
    unanswered = NumberAttribute(attr_name="Unanswered", null=True)
    live = NumberAttribute(attr_name="Live", null=True)
    version = NumberAttribute(attr_name="Version", null=True)


class ReservationMap(MapAttribute[str, object]):
    """A reservation as it is stored."""

    amount = NumberAttribute(attr_name="Amount")
    lease_until = UnicodeAttribute(attr_name="LeaseUntil")


def place_of(turn_id: str) -> Path:
    """Where a turn's reservation stands in the item."""
    return Path([_PREFIX + turn_id])


def as_stored(reservation: Reservation) -> ReservationMap:
    return ReservationMap(amount=reservation.amount_nano_usd, lease_until=stamp(reservation.lease_until))


def read(month: BudgetMonth) -> Account:
    """The account as it is now. Raises StoreUnavailable."""
    outage = Deadline.after(OUTAGE_SECONDS)
    row = _row(month)
    answer = through_conflicts(
        lambda: AccountRow.table().get_item(row.owner, row.sort, consistent_read=True),
        deadline=outage,
        outages_until=outage,
    )
    return _account(answer.get(ITEM) or {})


def write(
    month: BudgetMonth, actions: Sequence[Action], condition: Condition, *, deadline: Deadline
) -> tuple[bool, Account]:
    """Whether the condition let the actions through, and the account: as it became, or as it refused them.

    Raises StoreUnavailable; then nobody knows.
    """
    request = _row(month).get_update_kwargs_from_instance(
        actions=[*actions, AccountRow.version.add(1)],
        condition=condition,
        return_values_on_condition_failure=ALL_OLD,
    )
    request[RETURN_VALUES] = ALL_NEW
    connection = AccountRow.table().connection
    try:
        answer = through_conflicts(
            lambda: connection.dispatch(UPDATE_ITEM, request),
            deadline=deadline,
            outages_until=deadline.at_most(OUTAGE_SECONDS),
        )
    except VerboseClientError as error:
        if error_code(error) != CONDITION_FAILED:
            raise
        # PynamoDB keeps the item that refused on the SDK's error, one cause down.
        return False, _account(getattr(error.__cause__, "response", {}).get("Item") or {})
    return True, _account(answer["Attributes"])


def _row(month: BudgetMonth) -> AccountRow:
    key_id = month.budget.key_id
    own = f"#{key_id}" if key_id else ""
    return AccountRow(month.budget.owner, f"#budget#{month.first:%Y-%m}{own}")


def _account(item: dict[str, Any]) -> Account:
    held = {name.removeprefix(_PREFIX): value["M"] for name, value in item.items() if name.startswith(_PREFIX)}
    return Account(
        is_open="Version" in item,
        committed=number(item, "Committed"),
        unanswered=number(item, "Unanswered"),
        version=number(item, "Version"),
        reservations={
            turn_id: Reservation(turn_id, number(value, "Amount"), moment(text(value, "LeaseUntil")))
            for turn_id, value in held.items()
        },
    )
