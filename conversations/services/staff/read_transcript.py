"""A session with a page of its transcript, for staff: the latest messages first, and paged either way from there.

Messages are found by their times alone: DynamoDB keeps no numbers of them, and counting would read all that stand
before one. So a page is numbered from the session's last message, which is its `message_count`th, from its first one,
or from the page that led to it; else its numbers are not known.
"""

import datetime as dt
from dataclasses import dataclass

from conversations.domain import Message, PendingTurn
from conversations.services.clock import now
from conversations.store import cursors, messages
from conversations.store.staff import heads
from conversations.store.staff.heads import Head
from dynamodb_client.encoding import stamp


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """Which page of a transcript is asked for; the latest without anything.

    `before` and `after` are cursors, and `number` is the number of the message that one was made of, where it is known.
    """

    before: str | None = None
    after: str | None = None
    number: int | None = None
    from_start: bool = False
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """Some messages in the order they were said; `earlier` and `later` are cursors, None where the history ends.

    `first_number` is that of the first of them in the whole session, which begins with 1, None where it is not known.
    """

    head: Head
    rows: list[Message]
    pending: PendingTurn | None
    earlier: str | None = None
    later: str | None = None
    first_number: int | None = None


def find_head(session_id: str) -> Head:
    """Anybody's session without its messages. Raises SessionNotFound, StoreUnavailable."""
    return heads.get(session_id, now=now())


def find_erasable_head(session_id: str) -> Head:
    """The same, of expired sessions too and of those whose erasing broke off."""
    return heads.get_erasable(session_id, now=now())


def pending_turn(head: Head) -> PendingTurn | None:
    """The message without an answer, as it stands now."""
    return head.session.pending.seen_at(now()) if head.session.pending else None


def read_transcript(session_id: str, place: PlaceAsked, *, limit: int) -> Transcript:
    """The messages before or after a cursor, the first ones, those from a time on, or else the latest.

    Where nothing is left in that direction, the page at that end of the history. Raises SessionNotFound, InvalidCursor,
    StoreUnavailable.
    """
    head = find_head(session_id)
    transcript = _read(head, place, limit=limit)
    if transcript.rows or place == PlaceAsked():
        return transcript
    return _read(head, PlaceAsked(from_start=place.before is not None), limit=limit)


def _read(head: Head, place: PlaceAsked, *, limit: int) -> Transcript:
    cursor = _cursor_of(place)
    forward = place.from_start or place.after is not None or place.at is not None
    page = messages.page(head.session, limit=limit, cursor=cursor, newest_first=not forward, now=now())
    rows = page.rows if forward else page.rows[::-1]
    if not rows:
        return Transcript(head, [], pending_turn(head))
    behind = cursors.write(stamp(rows[0 if forward else -1].timestamp)) if cursor else None
    earlier, later = (behind, page.next_cursor) if forward else (page.next_cursor, behind)
    first = _first_number(head, rows, place)
    return Transcript(
        head,
        rows,
        pending_turn(head),
        earlier=None if first == 1 else earlier,
        later=None if rows[-1].timestamp == head.session.last_timestamp else later,
        first_number=first,
    )


def _cursor_of(place: PlaceAsked) -> str | None:
    if place.at is not None:
        # A cursor stands behind its own moment: that of a message, or, here, of none.
        return cursors.write(stamp(place.at - dt.timedelta(microseconds=1)))
    return place.after or place.before


def _first_number(head: Head, rows: list[Message], place: PlaceAsked) -> int | None:
    session, first = head.session, None
    if rows[-1].timestamp == session.last_timestamp:
        first = session.message_count - len(rows) + 1
    elif rows[0].timestamp == session.created_at:  # the message that began the session
        first = 1
    elif place.number is not None:
        first = place.number + 1 if place.after else place.number - len(rows)
    is_possible = first is not None and 1 <= first <= session.message_count - len(rows) + 1
    return first if is_possible else None
