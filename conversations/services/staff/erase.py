"""Erasing on behalf of staff: one session, or everything of an owner, with a receipt of what was removed.

What the staff database keeps of these sessions goes with them. Sessions that callers erase leave it when
`forget_erased` comes by: no request of theirs opens that database.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from conversations.domain import Page
from conversations.services.clock import now
from conversations.services.erase_session import erase_session
from conversations.store.staff import closed_days, owner_index
from conversations.store.staff.heads import Head
from conversations.store.staff.records import Position
from core.deadline import Deadline
from dynamodb_client.errors import StoreUnavailable

logger = logging.getLogger("conversations")

# Point-in-time recovery reaches back so far at most:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
BACKUP_DAYS = 35
# One request erases for so long; what is left then takes another one.
ERASE_SECONDS = 20
_PAGE = 100
# The index follows the table with a delay, so it is asked again until it shows nothing new.
_MAX_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed, and until when backups may still hold it.

    `unfinished` are sessions that nobody can read any more but of which messages are left: erase them again.
    `copies` counts their entries among the dearest sessions of closed days, removed from the staff database. The ledger
    (tokens and cost by day and model) is kept and is no part of what is removed.
    """

    owner: str
    session_ids: tuple[str, ...]
    unfinished: tuple[str, ...]
    copies: int
    is_complete: bool
    erased_at: dt.datetime
    backups_until: dt.datetime


def erase_one(head: Head) -> Receipt:
    """Erases a session, or the rest of one whose erasing broke off. A table that is away makes it unfinished."""
    erasure = _Erasure(head.session.owner, Deadline.after(ERASE_SECONDS))
    return erasure.receipt(is_complete=erasure.erase([head.session.session_id]))


def count_sessions(owner: str, *, most: int) -> tuple[int, bool]:
    """How many sessions `erase_owner` has before it, `most` at most, and whether these are all.

    Raises StoreUnavailable.
    """
    page = owner_index.places(owner, beyond=None, limit=most)
    return len(page.rows), page.next_cursor is None


def erase_owner(owner: str, *, seconds: float = ERASE_SECONDS) -> Receipt:
    """Erases every session of an owner: expired ones too, and the rest of those whose erasing broke off.

    Raises StoreUnavailable when nothing was touched.
    """
    erasure = _Erasure(owner, Deadline.after(seconds))
    for _ in range(_MAX_ROUNDS):
        count = len(erasure.erased)
        if not erasure.walk():
            break
        if len(erasure.erased) == count:
            return erasure.receipt(is_complete=True)
    return erasure.receipt(is_complete=False)


@dataclass(slots=True)
class _Erasure:
    """What one request erases of an owner's sessions."""

    owner: str
    deadline: Deadline
    erased: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    _seen: set[Position] = field(default_factory=set)

    def erase(self, session_ids: Iterable[str]) -> bool:
        """Erases these; False when there was no time, or when one (then unfinished) could not be erased to its end."""
        for session_id in session_ids:
            if self.deadline.remaining() <= 0:
                return False
            try:
                erase_session(owner=self.owner, session_id=session_id, deadline=self.deadline)
            except StoreUnavailable as error:
                logger.warning("a session is not erased to its end: %s", error)
                self.unfinished.append(session_id)
                return False
            self.erased.append(session_id)
        return True

    def walk(self) -> bool:
        """Erases what the owner's index lists; False when it did not come to the index's end.

        A place is erased once: while the index lags behind it still lists what is gone, and a session that was begun
        again since is in another place.
        """
        beyond: Position | None = None
        while self.deadline.remaining() > 0:
            page = self._next_places(beyond)
            if page is None:
                return False
            fresh = [place for place in page.rows if place not in self._seen]
            self._seen.update(fresh)
            if not self.erase(place.session_id for place in fresh):
                return False
            if page.next_cursor is None:
                return True
            beyond = Position.from_cursor(page.next_cursor)
        return False

    def _next_places(self, beyond: Position | None) -> Page[Position] | None:
        """Some of the index; None when DynamoDB went away after something was erased already."""
        try:
            return owner_index.places(self.owner, beyond=beyond, limit=_PAGE)
        except StoreUnavailable:
            if not self.erased:
                raise
            return None

    def receipt(self, *, is_complete: bool) -> Receipt:
        """What was done so far."""
        moment = now()
        return Receipt(
            owner=self.owner,
            session_ids=tuple(self.erased),
            unfinished=tuple(self.unfinished),
            copies=closed_days.forget(self.erased),
            is_complete=is_complete,
            erased_at=moment,
            backups_until=moment + dt.timedelta(days=BACKUP_DAYS),
        )
