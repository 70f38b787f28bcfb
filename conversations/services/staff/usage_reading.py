"""Days of the ledger as staff read them: closed ones from their copies, open ones from the ledger itself."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from conversations.domain import LedgerLine, Spending
from conversations.store.staff import closed_days, usage_days


class OpenDays:
    """What was used on days that are still open. Each of them is read once, so make one of these for each request."""

    def __init__(self) -> None:
        self._read = cache(_read)

    def lines(self, day: dt.date, *, owner: str | None = None, model_id: str | None = None) -> list[LedgerLine]:
        """A day's lines by owner and model; of one owner or model, None for all. Raises StoreUnavailable."""
        return [line for line in self._read(day, owner) if model_id in {None, line.model_id}]


@dataclass(slots=True)
class Sums:
    """What was used in some days, by day, model and owner."""

    by_day: defaultdict[dt.date, Spending] = field(default_factory=lambda: defaultdict(Spending))
    by_model: defaultdict[str, Spending] = field(default_factory=lambda: defaultdict(Spending))
    by_owner: defaultdict[str, Spending] = field(default_factory=lambda: defaultdict(Spending))

    def add_copies(self, wanted: closed_days.Wanted) -> None:
        """Adds what is copied of closed days."""
        for day, model_id, spending in closed_days.by_day_and_model(wanted):
            self.by_day[day] += spending
            self.by_model[model_id] += spending
        for owner, spending in closed_days.by_owner(wanted):
            self.by_owner[owner] += spending

    def add_lines(self, lines: Iterable[LedgerLine]) -> None:
        """Adds lines of open days."""
        for line in lines:
            self.by_day[line.day] += line.spending
            self.by_model[line.model_id] += line.spending
            self.by_owner[line.owner] += line.spending


def _read(day: dt.date, owner: str | None) -> list[LedgerLine]:
    found = usage_days.read_day(day, owner=owner)
    return [LedgerLine(day, *of, found[of]) for of in sorted(found)]
