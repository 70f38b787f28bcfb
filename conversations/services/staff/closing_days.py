"""When a day of the ledger is closed, and copying closed days, a bounded number for each request.

A turn is booked on the day on which it began, and writes nothing once its lease is over; one whose process died is
booked on the day on which somebody comes upon it, which is an open one. So a day is closed when every
lease of a turn that began in it is over for so long that clocks, indexes and a last try cannot matter.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from conversations.domain import LEASE_MARGIN_SECONDS
from conversations.services import clock
from conversations.store.staff import closed_days, dearest_index, usage_days
from core.deadline import Deadline

# What one page of staff's copies at most; the next one goes on.
MOST_AT_ONCE = 31
SECONDS_AT_ONCE = 15
# Of each day. Those that go on or are erased later fall out of the dearest, and others move up.
SESSIONS_KEPT = 50
_MARGIN = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Range:
    """Days from `first` to `last` (UTC), of which those up to `closed_until` are closed; both ends are included."""

    first: dt.date
    last: dt.date
    closed_until: dt.date
    today: dt.date

    @classmethod
    def at(cls, now: dt.datetime, *, first: dt.date, last: dt.date) -> "Range":
        """The days as they stand at a moment."""
        return cls(first, last, min(last, first_open_day(now) - dt.timedelta(days=1)), now.date())

    @property
    def days(self) -> list[dt.date]:
        """All of them, oldest first."""
        return _days(self.first, self.last)

    @property
    def closed(self) -> list[dt.date]:
        """The closed ones, oldest first."""
        return _days(self.first, self.closed_until)

    @property
    def open(self) -> list[dt.date]:
        """The others as far as they have begun, oldest first."""
        return _days(max(self.first, self.closed_until + dt.timedelta(days=1)), min(self.last, self.today))


def first_open_day(now: dt.datetime) -> dt.date:
    """The oldest day (UTC) that turns may still be booked on."""
    lease = dt.timedelta(seconds=settings.CHAT_DEADLINE_SECONDS + LEASE_MARGIN_SECONDS)
    return (now - lease - _MARGIN).date()


def copy_closed(days: Range) -> list[dt.date]:
    """Copies closed days that are not copied yet, the newest first, as many as one request may.

    Returns those that are left, oldest first. Raises StoreUnavailable; what was copied until then stays.
    """
    missing = missing_days(days)
    deadline = Deadline.after(SECONDS_AT_ONCE)
    for _ in range(MOST_AT_ONCE):
        if not missing or deadline.remaining() <= 0:
            break
        copy_day(missing[-1])
        missing.pop()
    return missing


def missing_days(days: Range) -> list[dt.date]:
    """The closed days that are not copied yet, oldest first."""
    if not days.closed:
        return []
    copied = closed_days.copied(days.first, days.closed_until)
    return [day for day in days.closed if day not in copied]


def copy_day(day: dt.date) -> bool:
    """Copies a closed day; False when another process did so meanwhile. Raises StoreUnavailable."""
    return closed_days.add(day, *_read(day), now=clock.now())


def copy_day_again(day: dt.date) -> None:
    """Copies a closed day anew, should its copy not be what the ledger says. Raises StoreUnavailable."""
    closed_days.replace(day, *_read(day), now=clock.now())


def _read(day: dt.date) -> tuple[usage_days.DaySpending, dearest_index.Dearest]:
    return usage_days.read_day(day), dearest_index.read_day(day, keep=SESSIONS_KEPT)


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
