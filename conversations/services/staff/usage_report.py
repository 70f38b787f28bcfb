"""What everybody used, by day, model and owner, as far as it can be read."""

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from conversations.domain import LedgerLine, Spending
from conversations.errors import UsageIncomplete
from conversations.services import clock
from conversations.services.staff.closing_days import Range, copy_closed, missing_days
from conversations.services.staff.usage_figures import Figure, ranked
from conversations.services.staff.usage_reading import OpenDays, Sums
from conversations.store.staff import closed_days
from dynamodb_client.errors import StoreUnavailable

logger = logging.getLogger("conversations")

# The longest range of one report, and how many owners it names.
MAX_DAYS = 92
MOST_OWNERS = 50


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What everybody (or one owner, or one model) used from the first day to the last (UTC).

    `by_day` has every day, oldest first; models and owners stand with the most of a figure first, of the owners at most
    MOST_OWNERS. Closed days were copied between the two moments of `copied_at`, None where none is copied; `read_at` is
    when the open days were read, None where none was. In none of the sums, oldest first: `missing_days`, closed ones
    that did not fit into this request, of which the next report has more; and `unread_days`, for which DynamoDB did not
    answer.
    """

    first: dt.date
    last: dt.date
    totals: Spending
    by_day: list[tuple[dt.date, Spending]]
    by_model: list[tuple[str, Spending]]
    by_owner: list[tuple[str, Spending]]
    owner_count: int
    copied_at: tuple[dt.datetime, dt.datetime] | None
    read_at: dt.datetime | None
    missing_days: list[dt.date]
    unread_days: list[dt.date]


def usage_report(
    *,
    first: dt.date,
    last: dt.date,
    owner: str | None = None,
    model_id: str | None = None,
    figure: Figure = Figure.COST,
    open_days: OpenDays | None = None,
) -> UsageReport:
    """The report of at most MAX_DAYS days. Copies closed days on its way, as many as one request may.

    Raises StoreUnavailable where DynamoDB does not answer and no day of the range is copied.
    """
    now = clock.now()
    days = _range(now, first, last)
    missing, unread = _copied(days)
    sums = Sums()
    sums.add_copies(closed_days.Wanted(first, days.closed_until, owner, model_id))
    unread_open = list(days.open) if unread else _add_open(sums, days, owner, model_id, open_days or OpenDays())
    unread += unread_open
    if unread and len(unread) + len(missing) == len(days.closed) + len(days.open):
        raise StoreUnavailable("no day of the range can be read")
    return UsageReport(
        first=first,
        last=last,
        totals=sum(sums.by_day.values(), Spending()),
        by_day=[(day, sums.by_day.get(day, Spending())) for day in days.days],
        by_model=ranked(sums.by_model, figure),
        by_owner=ranked(sums.by_owner, figure)[:MOST_OWNERS],
        owner_count=len(sums.by_owner),
        copied_at=closed_days.copied_at(days.first, days.closed_until),
        read_at=now if len(unread_open) < len(days.open) else None,
        missing_days=missing,
        unread_days=unread,
    )


def usage_lines(
    *, first: dt.date, last: dt.date, owner: str | None = None, model_id: str | None = None
) -> Iterator[LedgerLine]:
    """The lines behind the report, by day, owner and model: of all the days, or none.

    Raises UsageIncomplete while closed days are left to copy, and StoreUnavailable; both before the first line.
    """
    days = _range(clock.now(), first, last)
    if copy_closed(days):
        raise UsageIncomplete
    open_days = OpenDays()
    live = [line for day in days.open for line in open_days.lines(day, owner=owner, model_id=model_id)]
    return chain(closed_days.lines(closed_days.Wanted(first, days.closed_until, owner, model_id)), live)


def _copied(days: Range) -> tuple[list[dt.date], list[dt.date]]:
    """The closed days that did not fit into this request, and those for which DynamoDB did not answer."""
    try:
        return copy_closed(days), []
    except StoreUnavailable:
        logger.warning("usage: closed days could not be copied", exc_info=True)
        return [], missing_days(days)


def _add_open(sums: Sums, days: Range, owner: str | None, model_id: str | None, open_days: OpenDays) -> list[dt.date]:
    """Adds the open days up to the first for which DynamoDB does not answer; returns that and what follows it."""
    for number, day in enumerate(days.open):
        try:
            sums.add_lines(open_days.lines(day, owner=owner, model_id=model_id))
        except StoreUnavailable:
            logger.warning("usage: open days could not be read", exc_info=True)
            return days.open[number:]
    return []


def _range(now: dt.datetime, first: dt.date, last: dt.date) -> Range:
    if not 0 <= (last - first).days < MAX_DAYS:
        raise ValueError(f"a report has 1 to {MAX_DAYS} days")
    return Range.at(now, first=first, last=last)
