"""Who has the highest cost in this month, by the ledger."""

from collections import Counter
from dataclasses import dataclass

from conversations.services import clock
from conversations.services.staff.closing_days import Range, missing_days
from conversations.services.staff.usage_reading import OpenDays
from conversations.store.staff import closed_days


@dataclass(frozen=True, slots=True)
class OwnersOfMonth:
    """Owners with their cost in nano-dollars, dearest first; not `is_whole` while days are left to copy."""

    costs: list[tuple[str, int]]
    is_whole: bool


def owners_of_month(open_days: OpenDays) -> OwnersOfMonth:
    """Everybody who used anything in this month (UTC). Copies no days. Raises StoreUnavailable."""
    now = clock.now()
    days = Range.at(now, first=now.date().replace(day=1), last=now.date())
    costs: Counter[str] = Counter()
    for owner, spending in closed_days.by_owner(closed_days.Wanted(days.first, days.closed_until)):
        costs[owner] += spending.cost_nano_usd
    for day in days.open:
        for line in open_days.lines(day):
            costs[line.owner] += line.spending.cost_nano_usd
    dearest_first = sorted(costs.items(), key=lambda row: (-row[1], row[0]))
    return OwnersOfMonth(dearest_first, is_whole=not missing_days(days))
