"""API keys that have a budget of their own."""

import datetime as dt
from dataclasses import dataclass

from access.api_key import ApiKey
from access.budgets.budget import Budget
from access.keys.find_keys import list_keys
from conversations.services import clock

_PAGE = 99
# The newest ones that are looked through.
MOST_READ = 2 * _PAGE
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class KeyBudgets:
    """Budgets of keys that let somebody in, those used last first; not `is_all` where there are more than MOST_READ.

    A key and its successors share one budget, with the limit of the newest of them.
    """

    budgets: list[Budget]
    is_all: bool = True


def key_budgets(owner: str | None = None) -> KeyBudgets:
    """Those of an owner's keys, or of everybody's. Raises StoreUnavailable."""
    keys, is_all = _newest(owner)
    budgets: dict[str, Budget] = {}
    last_use: dict[str, dt.datetime] = {}
    for key in keys:
        account = key.account_id
        last_use[account] = max(last_use.get(account, _NEVER), key.last_used_at or _NEVER)
        if key.monthly_budget_nano_usd is not None and key.state(clock.now()) == "active":
            budgets.setdefault(account, Budget(key.owner, key.monthly_budget_nano_usd, key_id=account))
    return KeyBudgets(sorted(budgets.values(), key=lambda budget: last_use[budget.key_id], reverse=True), is_all)


def _newest(owner: str | None) -> tuple[list[ApiKey], bool]:
    keys: list[ApiKey] = []
    cursor = None
    while len(keys) < MOST_READ:
        page = list_keys(owner=owner, limit=_PAGE, cursor=cursor)
        keys += page.keys
        cursor = page.next_cursor
        if cursor is None:
            return keys, True
    return keys, False
