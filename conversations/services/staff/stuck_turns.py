"""Turns whose lease ran out: their process is gone, and nobody has said anything in the session since."""

import datetime as dt
from dataclasses import dataclass

from conversations.domain import PendingTurn
from conversations.services.clock import now
from conversations.services.staff.find_sessions import SessionQuery, find_sessions
from conversations.store.staff import heads
from conversations.store.staff.records import SessionRecord

DAYS = (1, 3, 7)
MOST = 100


@dataclass(frozen=True, slots=True)
class StuckTurn:
    """A pending turn without a process, in its session."""

    record: SessionRecord
    pending: PendingTurn


@dataclass(frozen=True, slots=True)
class StuckTurns:
    """Latest first; `is_all` is False when there are more than were looked at."""

    rows: list[StuckTurn]
    first_day: dt.date
    is_all: bool


def find_stuck_turns(*, days: int) -> StuckTurns:
    """Those that began in the last `days` days (at most 7). Raises StoreUnavailable."""
    moment = now()
    query = SessionQuery(moment.date() - dt.timedelta(days=days - 1), moment.date(), stuck=True)
    found = find_sessions(query, limit=MOST)
    turns = heads.pending_turns([record.session_id for record in found.rows])
    rows = [
        StuckTurn(record, turns[record.session_id])
        for record in found.rows
        if record.session_id in turns and turns[record.session_id].is_interrupted_at(moment)
    ]
    return StuckTurns(rows, moment.date() - dt.timedelta(days=days - 1), is_all=found.older is None)
