"""The days above the list: those of a month, with the months beside it, as Django's date hierarchy shows them."""

import calendar
import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DayLink:
    """A day of the month; `is_shown` marks the one that the list is about."""

    day: dt.date
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of days up to today; `next_first` is None where the month after it has not begun."""

    first: dt.date
    last: dt.date
    days: list[DayLink]
    previous_first: dt.date
    previous_last: dt.date
    next_first: dt.date | None
    next_last: dt.date | None


def month_of(day: dt.date, *, shown: dt.date | None, today: dt.date) -> Month:
    """The month that a day is in."""
    first, last = _bounds(day)
    after = last + dt.timedelta(days=1)
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    previous_first, previous_last = _bounds(first - dt.timedelta(days=1))
    return Month(
        first=first,
        last=last,
        days=[DayLink(each, each == shown) for each in days if each <= today],
        previous_first=previous_first,
        previous_last=previous_last,
        next_first=after if after <= today else None,
        next_last=_bounds(after)[1] if after <= today else None,
    )


def _bounds(day: dt.date) -> tuple[dt.date, dt.date]:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
