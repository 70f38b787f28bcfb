"""Days of the ledger as staff read them: closed ones from their copies, open ones from the ledger itself."""

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from conversations.domain import LedgerLine, Spending
from conversations.store.staff import closed_days, usage_days

K = TypeVar("K", bound=Hashable)


class OpenDays:
    """What was used on days that are still open. Each of them is read once, so make one of these for each request."""

    def __init__(self) -> None:
        self._read = cache(_read)

    def lines(self, day: dt.date, *, owner: str | None = None, model_id: str | None = None) -> list[LedgerLine]:
        """A day's lines by owner and model; of one owner or model, None for all. Raises StoreUnavailable."""
        return [line for line in self._read(day, owner) if model_id in {None, line.model_id}]


class Totals(dict[K, Spending]):
    """Sums of what was used, by day, model or owner; what nothing was used of has none."""

    def add(self, key: K, spending: Spending) -> None:
        """Adds to the sum of a key. Most owners of a day have one line, which is their sum as it stands."""
        self[key] = self[key] + spending if key in self else spending


@dataclass(slots=True)
class Sums:
    """What was used in some days, by day, model and owner."""

    by_day: Totals[dt.date] = field(default_factory=Totals)
    by_model: Totals[str] = field(default_factory=Totals)
    by_owner: Totals[str] = field(default_factory=Totals)

    def add_copies(self, wanted: closed_days.Wanted) -> None:
        """Adds what is copied of closed days."""
        for day, model_id, spending in closed_days.by_day_and_model(wanted):
            self.by_day.add(day, spending)
            self.by_model.add(model_id, spending)
        for owner, spending in closed_days.by_owner(wanted):
            self.by_owner.add(owner, spending)

    def add_lines(self, lines: Iterable[LedgerLine]) -> None:
        """Adds lines of open days."""
        of_days_and_models: Totals[tuple[dt.date, str]] = Totals()
        for line in lines:
            of_days_and_models.add((line.day, line.model_id), line.spending)
            self.by_owner.add(line.owner, line.spending)
        for (day, model_id), spending in of_days_and_models.items():
            self.by_day.add(day, spending)
            self.by_model.add(model_id, spending)


def _read(day: dt.date, owner: str | None) -> list[LedgerLine]:
    found = usage_days.read_day(day, owner=owner)
    return [LedgerLine(day, *of, found[of]) for of in sorted(found)]
