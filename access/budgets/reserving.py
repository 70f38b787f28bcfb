"""Before the model is called: the most that the turn can cost is taken out of the budget, or the turn is refused."""

import datetime as dt
import logging
from typing import Never

from access.budgets import reconciling
from access.budgets.account import MOST_LIVE, Account, Reservation
from access.budgets.accounts import AccountRow, as_stored, place_of, read, write
from access.budgets.budget import BudgetMonth, Standing
from access.budgets.reconciling import Booked
from access.errors import BudgetExhausted, RateLimited
from core.deadline import Deadline
from dynamodb_client.errors import StoreUnavailable

logger = logging.getLogger("access")

# When only turns under way are in the way: they settle for less than they reserved, most of them in seconds.
SETTLED_SECONDS = 5


def refuse_if_spent(month: BudgetMonth, *, least: int, now: dt.datetime, booked: Booked) -> None:
    """Raises BudgetExhausted when a turn that reserves `least` or more would be refused now. Reserves nothing.

    For a look before anything of the turn is stored. Raises StoreUnavailable.
    """
    account = read(month)
    if not _fits(account, month, least) and account.is_open and reconciling.lately.is_due(month):
        account = reconciling.reconcile(month, now=now, booked=booked)
    if not _fits(account, month, least):
        _refuse(account, month, least, now)


def reserve(
    month: BudgetMonth,
    reservation: Reservation,
    *,
    now: dt.datetime,
    booked: Booked,
    deadline: Deadline,
) -> Standing:
    """Reserves in one conditional write, so that turns that reserve at once cannot have more than the budget together.

    Returns how the budget stands with it. Raises BudgetExhausted, RateLimited when too many turns have a reservation,
    and StoreUnavailable, after which the reservation may stand until it expires.
    """
    done, account = _take(month, reservation, deadline)
    if not done and not account.is_open:
        reconciling.open_month(month, now=now, booked=booked)
        done, account = _take(month, reservation, deadline)
    if not done and reconciling.lately.is_due(month):
        reconciling.reconcile(month, now=now, booked=booked)
        done, account = _take(month, reservation, deadline)
    if not done:
        _refuse(account, month, reservation.amount_nano_usd, now)
    if account.expired(now) and reconciling.lately.is_due(month):
        account = _release(account, month, now=now, booked=booked)
    return account.standing(month)


def _take(month: BudgetMonth, reservation: Reservation, deadline: Deadline) -> tuple[bool, Account]:
    place = place_of(reservation.turn_id)
    fits = AccountRow.committed <= month.budget.limit_nano_usd - reservation.amount_nano_usd
    actions = [
        place.set(as_stored(reservation)),
        AccountRow.committed.add(reservation.amount_nano_usd),
        AccountRow.live.add(1),
    ]
    condition = fits & (AccountRow.live < MOST_LIVE) & place.does_not_exist()
    done, account = write(month, actions, condition, deadline=deadline)
    # Refused by a first try of its own whose answer was lost on the way: it stands.
    return done or reservation.turn_id in account.reservations, account


def _release(account: Account, month: BudgetMonth, *, now: dt.datetime, booked: Booked) -> Account:
    try:
        return reconciling.reconcile(month, now=now, booked=booked)
    except StoreUnavailable as error:
        logger.warning("expired reservations are released later: %s", error)
        return account


def _fits(account: Account, month: BudgetMonth, amount: int) -> bool:
    return account.committed + amount <= month.budget.limit_nano_usd


def _refuse(account: Account, month: BudgetMonth, amount: int, now: dt.datetime) -> Never:
    if _fits(account, month, amount):
        raise RateLimited("too many turns with a reservation", retry_after=1)
    spent = account.committed - account.reserved
    if spent + amount <= month.budget.limit_nano_usd:
        raise BudgetExhausted("reserved by turns under way", retry_after=SETTLED_SECONDS)
    raise BudgetExhausted("spent", retry_after=(month.resets_at - now).total_seconds())
