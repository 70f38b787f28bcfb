"""What everybody used, by day, model and owner: closed days from their copies, open ones from the ledger itself."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from conversations.domain import LedgerLine, Spending
from conversations.errors import UsageIncomplete
from conversations.services import clock
from conversations.services.staff.closing_days import Range, copy_closed
from conversations.store.staff import closed_days, usage_days

# The longest range of one report, and how many owners it names.
MAX_DAYS = 92
MOST_OWNERS = 50


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What everybody (or one owner, or one model) used from the first day to the last (UTC).

    `by_day` has every day, oldest first; models and owners stand dearest first, of the owners at most MOST_OWNERS.
    `read_at` is when the open days were read, None where all days are closed. `missing_days` are closed ones that did
    not fit into this request, oldest first: they are in none of the sums, and the next report has more of them.
    """

    first: dt.date
    last: dt.date
    totals: Spending
    by_day: list[tuple[dt.date, Spending]]
    by_model: list[tuple[str, Spending]]
    by_owner: list[tuple[str, Spending]]
    owner_count: int
    read_at: dt.datetime | None
    missing_days: list[dt.date]


def usage_report(
    *, first: dt.date, last: dt.date, owner: str | None = None, model_id: str | None = None
) -> UsageReport:
    """The report of at most MAX_DAYS days. Copies closed days on its way, as many as one request may.

    Raises StoreUnavailable; not where all days are copied already.
    """
    now = clock.now()
    days = _range(now, first, last)
    missing = copy_closed(days)
    sums = _Sums()
    sums.add_copies(closed_days.Wanted(first, days.closed_until, owner, model_id))
    sums.add_lines(_open_lines(days, owner, model_id))
    return UsageReport(
        first=first,
        last=last,
        totals=sum(sums.by_day.values(), Spending()),
        by_day=[(day, sums.by_day[day]) for day in days.days],
        by_model=_dearest_first(sums.by_model),
        by_owner=_dearest_first(sums.by_owner)[:MOST_OWNERS],
        owner_count=len(sums.by_owner),
        read_at=now if days.open else None,
        missing_days=missing,
    )


def usage_lines(
    *, first: dt.date, last: dt.date, owner: str | None = None, model_id: str | None = None
) -> Iterator[LedgerLine]:
    """The lines behind the report, by day, owner and model.

    Raises UsageIncomplete while closed days are left to copy, and StoreUnavailable; both before the first line.
    """
    days = _range(clock.now(), first, last)
    if copy_closed(days):
        raise UsageIncomplete
    live = _open_lines(days, owner, model_id)
    return chain(closed_days.lines(closed_days.Wanted(first, days.closed_until, owner, model_id)), live)


@dataclass(slots=True)
class _Sums:
    by_day: defaultdict[dt.date, Spending] = field(default_factory=lambda: defaultdict(Spending))
    by_model: defaultdict[str, Spending] = field(default_factory=lambda: defaultdict(Spending))
    by_owner: defaultdict[str, Spending] = field(default_factory=lambda: defaultdict(Spending))

    def add_copies(self, wanted: closed_days.Wanted) -> None:
        for day, model_id, spending in closed_days.by_day_and_model(wanted):
            self.by_day[day] += spending
            self.by_model[model_id] += spending
        for owner, spending in closed_days.by_owner(wanted):
            self.by_owner[owner] += spending

    def add_lines(self, lines: Iterable[LedgerLine]) -> None:
        for line in lines:
            self.by_day[line.day] += line.spending
            self.by_model[line.model_id] += line.spending
            self.by_owner[line.owner] += line.spending


def _open_lines(days: Range, owner: str | None, model_id: str | None) -> list[LedgerLine]:
    return [
        LedgerLine(day, of_owner, of_model, spending)
        for day in days.open
        for (of_owner, of_model), spending in sorted(usage_days.read_day(day, owner=owner).items(), key=_by_key)
        if model_id in {None, of_model}
    ]


def _by_key(item: tuple[tuple[str, str], Spending]) -> tuple[str, str]:
    return item[0]


def _dearest_first(sums: dict[str, Spending]) -> list[tuple[str, Spending]]:
    return sorted(sums.items(), key=lambda row: (-row[1].cost_nano_usd, -row[1].turns, row[0]))


def _range(now: dt.datetime, first: dt.date, last: dt.date) -> Range:
    if not 0 <= (last - first).days < MAX_DAYS:
        raise ValueError(f"a report has 1 to {MAX_DAYS} days")
    return Range.at(now, first=first, last=last)
