"""A session with a page of its transcript, for staff: the latest messages first, and paged either way from there."""

from dataclasses import dataclass

from conversations.domain import Message, PendingTurn
from conversations.services.clock import now
from conversations.store import cursors, messages
from conversations.store.staff import heads
from conversations.store.staff.heads import Head
from dynamodb_client.encoding import stamp


@dataclass(frozen=True, slots=True)
class Transcript:
    """Some messages in the order they were said; `earlier` and `later` are cursors, None where the history ends."""

    head: Head
    rows: list[Message]
    pending: PendingTurn | None
    earlier: str | None
    later: str | None


def find_head(session_id: str) -> Head:
    """Anybody's session without its messages. Raises SessionNotFound, StoreUnavailable."""
    return heads.get(session_id, now=now())


def find_erasable_head(session_id: str) -> Head:
    """The same, of expired sessions too and of those whose erasing was interrupted."""
    return heads.get_erasable(session_id, now=now())


def pending_turn(head: Head) -> PendingTurn | None:
    """The message without an answer, as it stands now."""
    return head.session.pending.seen_at(now()) if head.session.pending else None


def read_transcript(
    session_id: str, *, limit: int, before: str | None = None, after: str | None = None, from_start: bool = False
) -> Transcript:
    """The messages before or after a cursor, the first ones, or else the latest.

    Raises SessionNotFound, InvalidCursor, StoreUnavailable.
    """
    head = find_head(session_id)
    forward = from_start or after is not None
    page = messages.page(
        session_id, limit=limit, cursor=after if forward else before, newest_first=not forward, now=now()
    )
    rows = page.rows if forward else page.rows[::-1]
    if not rows:
        return Transcript(head, [], pending_turn(head), None, None)
    if forward:
        earlier = None if after is None else cursors.write(stamp(rows[0].timestamp))
        return Transcript(head, rows, pending_turn(head), earlier, page.next_cursor)
    later = None if before is None else cursors.write(stamp(rows[-1].timestamp))
    return Transcript(head, rows, pending_turn(head), page.next_cursor, later)
