"""Putting an account right from the ledger, which is what really was spent.

An account may hold too much: a process that died has settled nothing. It is worked out anew as what the ledger has of
the month, what turns without an answer cost, and what is still reserved. That can never be less than the truth:

- A turn is written to the ledger before its reservation is settled, and the ledger is read behind the account. So a
  settled turn is among what the ledger says, and any other has its reservation. For a moment it has both: an account
  is raised only by more than that explains.
- The account is written on the condition that its Version is still the one that was read. Whatever was reserved or
  settled meanwhile refuses it.
"""

import datetime as dt
import threading
from collections.abc import Callable

from cachetools import TTLCache
from pynamodb.expressions.condition import Condition

from access.budgets.account import Account
from access.budgets.accounts import AccountRow, place_of, read, write
from access.budgets.budget import BudgetMonth
from core.deadline import Deadline

# What the ledger has of a budget's month, in nano-dollars, strongly consistent.
Booked = Callable[[BudgetMonth], int]

AGAIN_SECONDS = 60
_MOST_ACCOUNTS = 10_000
_TRIES = 3
_SECONDS = 10


class Lately:
    """Which accounts this process reconciled in the last minute: the ledger's month is not read on every refusal."""

    def __init__(self) -> None:
        self._accounts: TTLCache[tuple[str, str, dt.date], bool] = TTLCache(_MOST_ACCOUNTS, AGAIN_SECONDS)
        self._lock = threading.Lock()

    def is_due(self, month: BudgetMonth) -> bool:
        """True once a minute, for one of the callers that ask."""
        account = (month.budget.owner, month.budget.key_id, month.first)
        with self._lock:
            if account in self._accounts:
                return False
            self._accounts[account] = True
            return True


lately = Lately()


def reconcile(month: BudgetMonth, *, now: dt.datetime, booked: Booked, missing: bool = False) -> Account:
    """Releases what has expired and works the account out anew; returns it as it is afterwards.

    `missing` says that the account lacks what the ledger has of a turn. Left as it is, without harm, when other
    writers come in between every time. Raises StoreUnavailable.
    """
    for _ in range(_TRIES):
        account = read(month)
        done, account = _rewrite(month, account, now=now, booked=booked, missing=missing)
        if done:
            break
    return account


def open_month(month: BudgetMonth, *, now: dt.datetime, booked: Booked) -> None:
    """Makes the account where there is none, with what the ledger has of the month already. Raises StoreUnavailable."""
    _rewrite(month, Account(), now=now, booked=booked, missing=True)


def _rewrite(
    month: BudgetMonth, account: Account, *, now: dt.datetime, booked: Booked, missing: bool
) -> tuple[bool, Account]:
    expired = account.expired(now)
    reserved = account.reserved - sum(reservation.amount_nano_usd for reservation in expired)
    committed = booked(month) + account.unanswered + reserved
    if not missing and account.committed < committed <= account.committed + reserved:
        committed = account.committed  # turns that are in the ledger and not settled yet: both would count them twice
    actions = [
        AccountRow.committed.set(committed),
        AccountRow.live.set(len(account.reservations) - len(expired)),
        *(place_of(reservation.turn_id).remove() for reservation in expired),
    ]
    return write(month, actions, _is_still(account), deadline=Deadline.after(_SECONDS))


def _is_still(account: Account) -> Condition:
    unchanged: Condition = (
        AccountRow.version == account.version if account.is_open else AccountRow.version.does_not_exist()
    )
    return unchanged
