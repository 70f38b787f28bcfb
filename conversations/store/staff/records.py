"""A session as staff see it in a list, and its place in one."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from bedrock_client import Usage
from conversations.domain import SessionState
from conversations.store import cursors
from conversations.store.spending import usage_from_item
from conversations.store.states import is_stuck, state_at
from dynamodb_client.encoding import moment, number, stamp, text

# The least and the greatest id there can be, by the order of their characters.
FIRST_ID = "-"
MAX_ID_CHARS = 128
LAST_ID = "z" * MAX_ID_CHARS
# Behind a cursor that takes in its own place; no cursor's own text has it.
_INCLUDED = "~"


class Position(NamedTuple):
    """A place in a list by latest activity; places of different sessions differ, whichever shard they are in."""

    updated_at: str
    session_id: str

    @classmethod
    def from_cursor(cls, cursor: str) -> "Position":
        """Raises InvalidCursor."""
        updated_at, session_id = cursors.read(cursor, parts=2)
        return cls(updated_at, session_id)

    def cursor(self) -> str:
        """The place as an opaque text that fits into a URL."""
        return cursors.write(self.updated_at, self.session_id)


class Edge(NamedTuple):
    """Where reading begins: right behind a place or, with `is_included`, right before it, in either direction.

    A page that nothing was found for has no session of its own to begin the way back at: it is the way it came by,
    turned around, and takes in what that left out.
    """

    position: Position
    is_included: bool = False

    @classmethod
    def from_cursor(cls, cursor: str) -> "Edge":
        """Raises InvalidCursor."""
        return cls(Position.from_cursor(cursor.removesuffix(_INCLUDED)), cursor.endswith(_INCLUDED))

    def cursor(self) -> str:
        """The edge as an opaque text that fits into a URL."""
        return self.position.cursor() + (_INCLUDED if self.is_included else "")

    def turned(self) -> "Edge":
        """The same edge, read from in the other direction."""
        return Edge(self.position, not self.is_included)

    def is_before(self, position: Position, *, newest_first: bool) -> bool:
        """Whether reading from here comes upon this place."""
        if position == self.position:
            return self.is_included
        return position < self.position if newest_first else position > self.position


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session with its owner and its sums. `position` is its place in the list that it was read from.

    `is_stuck` tells a failed turn whose process is gone from one that was marked as failed.
    """

    session_id: str
    owner: str
    title: str
    created_at: dt.datetime
    updated_at: dt.datetime
    message_count: int
    state: SessionState
    models: tuple[str, ...]
    usage: Usage
    cost_nano_usd: int
    position: Position
    is_stuck: bool = False


def record_from_item(item: dict[str, Any], *, now: dt.datetime, position: Position | None = None) -> SessionRecord:
    """The session of a head item, or of an index that projects what a list shows."""
    return SessionRecord(
        session_id=text(item, "SessionId"),
        owner=text(item, "Owner"),
        title=text(item, "Title"),
        created_at=moment(text(item, "CreatedAt")),
        updated_at=moment(text(item, "UpdatedAt")),
        message_count=number(item, "MessageCount"),
        state=state_at(item, now),
        models=tuple(sorted(item.get("Models", {}).get("SS", []))),
        usage=usage_from_item(item),
        cost_nano_usd=number(item, "CostNanoUsd"),
        position=position or position_of(item),
        is_stuck=is_stuck(item, now),
    )


def position_of(item: dict[str, Any]) -> Position:
    """The place of an index's item."""
    return Position(text(item, "UpdatedAt"), text(item, "SessionId"))


def day_start(day: dt.date) -> str:
    """The first moment of a day, as the indexes have it."""
    return stamp(dt.datetime.combine(day, dt.time(), dt.UTC))


def day_end(day: dt.date) -> str:
    """The last moment of a day, as the indexes have it."""
    return stamp(dt.datetime.combine(day, dt.time.max, dt.UTC))
