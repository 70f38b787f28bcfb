"""Sessions whose erasing broke off: nobody can read them any more, but some of their messages may be left."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from conversations.domain import LEASE_MARGIN_SECONDS
from conversations.services.clock import now
from conversations.store.staff import erasing_index, heads
from conversations.store.staff.heads import Erasing

MOST = 100


@dataclass(frozen=True, slots=True)
class BrokenErasings:
    """Those that are longest under way first; `is_all` is False when there are more than were looked at."""

    rows: list[Erasing]
    is_all: bool


def find_broken_erasings() -> BrokenErasings:
    """Those that no request can be at any more: one of the API's takes as long as a turn may. Raises StoreUnavailable.

    Reads as much for many as for few.
    """
    session_ids, is_all = erasing_index.session_ids(most=MOST)
    before = now() - dt.timedelta(seconds=settings.CHAT_DEADLINE_SECONDS + LEASE_MARGIN_SECONDS)
    rows = [erasing for erasing in heads.being_erased(session_ids) if erasing.since <= before]
    return BrokenErasings(sorted(rows, key=_longest_first), is_all)


def _longest_first(erasing: Erasing) -> tuple[dt.datetime, str]:
    return erasing.since, erasing.session_id
