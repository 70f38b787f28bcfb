"""When it is known what a turn cost: its reservation becomes that. And how a budget stands."""

import datetime as dt
from collections.abc import Sequence

from pynamodb.expressions.update import Action

from access.budgets import reconciling
from access.budgets.account import Account, Reservation
from access.budgets.accounts import AccountRow, place_of, read, write
from access.budgets.budget import BudgetMonth, Standing
from access.budgets.reconciling import Booked
from core.deadline import Deadline


def settle_answered(
    month: BudgetMonth,
    reservation: Reservation,
    *,
    cost: int,
    now: dt.datetime,
    booked: Booked,
    deadline: Deadline,
) -> Standing:
    """Puts what the ledger has of the turn, nano-dollars, in the place of its reservation; once, however often called.

    Call it when the ledger has it. Raises StoreUnavailable; the reservation then stands until it expires.
    """
    done, account = _settle(month, reservation, cost, [], deadline)
    if not done:
        # Settled before, by a try whose answer was lost; or released, by a process whose clock is ahead or because the
        # turn outlived its lease. The ledger knows which.
        account = reconciling.reconcile(month, now=now, booked=booked, missing=True)
    return account.standing(month)


def settle_unanswered(
    month: BudgetMonth,
    reservation: Reservation,
    *,
    cost: int,
    now: dt.datetime,
    deadline: Deadline,
) -> None:
    """The same for what a turn without an answer cost; the ledger has only turns with one, so the account keeps it.

    Raises StoreUnavailable; the reservation then expires, and what the turn cost is forgotten.
    """
    kept = AccountRow.unanswered.add(cost)
    done, account = _settle(month, reservation, cost, [kept], deadline)
    if not done and cost and now >= reservation.lease_until and account.is_open:
        # Released meanwhile, most likely. Should a lost answer be the reason, it is counted twice rather than never.
        write(month, [kept, AccountRow.committed.add(cost)], AccountRow.version.exists(), deadline=deadline)


def standing(month: BudgetMonth, *, now: dt.datetime, booked: Booked) -> Standing:
    """How the budget stands now. Raises StoreUnavailable."""
    account = read(month)
    if not account.is_open:
        return Standing(month.budget.limit_nano_usd, booked(month), 0)
    if account.expired(now) and reconciling.lately.is_due(month):
        account = reconciling.reconcile(month, now=now, booked=booked)
    return account.standing(month)


def _settle(
    month: BudgetMonth, reservation: Reservation, cost: int, more: Sequence[Action], deadline: Deadline
) -> tuple[bool, Account]:
    place = place_of(reservation.turn_id)
    actions = [
        place.remove(),
        AccountRow.committed.add(cost - reservation.amount_nano_usd),
        AccountRow.live.add(-1),
        *more,
    ]
    return write(month, actions, place.exists(), deadline=deadline)
