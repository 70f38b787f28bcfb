"""The sessions that cost most, of those whose latest activity was in some days: as the list of sessions has them.

A closed day's dearest were kept when it was copied. Since then sessions may have left that day, because they went on or
were erased; none can have come, and none that stayed can have got dearer. So the kept ones are looked up as they are
now; and where a session that was left out may be dearer than one of the result, the result says so.
"""

import datetime as dt
from dataclasses import dataclass

from conversations.services import clock
from conversations.services.staff.closing_days import Range, missing_days
from conversations.store.staff import closed_days, dearest_index, heads
from conversations.store.staff.records import SessionRecord

MOST_SESSIONS = 20
# Of the kept ones so many are looked up at most, a batch at a time.
_MOST_LOOKED_UP = 3 * heads.BATCH
# Of each shard of an open day, the latest: so a request takes as many calls however many sessions there are.
_OPEN_PAGES = 2


@dataclass(frozen=True, slots=True)
class DearestSessions:
    """Sessions as they are now, dearest first, at most MOST_SESSIONS, and none that cost nothing.

    `is_complete` is False when dearer ones may be missing: days that are not copied yet, or more sessions than one
    request looks at.
    """

    records: list[SessionRecord]
    is_complete: bool


def dearest_sessions(*, first: dt.date, last: dt.date) -> DearestSessions:
    """The dearest sessions whose latest activity was in these days (UTC). Raises StoreUnavailable.

    Copies nothing; `usage_report` of the same days does.
    """
    now = clock.now()
    days = Range.at(now, first=first, last=last)
    found, left_out = _from_copies(days, now)
    for day in days.open:
        at_least = found[-1].cost_nano_usd if len(found) == MOST_SESSIONS else 1
        live = dearest_index.read_day(day, keep=MOST_SESSIONS, at_least=max(at_least, 1), most_pages=_OPEN_PAGES)
        left_out = max(left_out, live.left_out_nano_usd)
        found = _dearest(found + _in_range(heads.listed(list(live.costs), now=now), days))
    least = found[-1].cost_nano_usd if len(found) == MOST_SESSIONS else 0
    return DearestSessions(found, is_complete=left_out <= least and not missing_days(days))


def _from_copies(days: Range, now: dt.datetime) -> tuple[list[SessionRecord], int]:
    """The dearest of the closed days, and the most that any other session of theirs can have cost."""
    kept = closed_days.dearest(days.first, days.closed_until, limit=_MOST_LOOKED_UP)
    found: list[SessionRecord] = []
    for at in range(0, len(kept), heads.BATCH):
        batch = kept[at : at + heads.BATCH]
        records = heads.listed(batch, now=now)
        closed_days.forget(set(batch) - {record.session_id for record in records})
        found = _dearest(found + _in_range(records, days))
        if len(found) == MOST_SESSIONS:
            break
    else:
        if len(kept) == _MOST_LOOKED_UP:
            return found, dearest_index.UNKNOWN_NANO_USD
    return found, closed_days.left_out(days.first, days.closed_until)


def _in_range(records: list[SessionRecord], days: Range) -> list[SessionRecord]:
    return [record for record in records if days.first <= record.updated_at.date() <= days.last]


def _dearest(records: list[SessionRecord]) -> list[SessionRecord]:
    newest = {record.session_id: record for record in records if record.cost_nano_usd}
    return sorted(newest.values(), key=lambda record: (-record.cost_nano_usd, record.session_id))[:MOST_SESSIONS]
