"""Turns whose process died: nobody was left to mark them, so whoever comes upon one ends it, and it is booked once.

A write that takes a pending turn off its session (the next turn, erasing) holds only where there is no such turn; where
it is refused for one, the turn is ended first (`turn_end.fail_interrupted`), and then the write is done again. So
nothing is read for it, and a session without such a turn costs no call more.
"""

import datetime as dt
from typing import Any

from pynamodb.expressions.condition import Condition

from conversations.domain import Turn
from conversations.store.sessions import pending_from_item, session_from_item
from conversations.store.tables import SessionRow
from dynamodb_client.encoding import stamp


class InterruptedFound(Exception):
    """The session holds a turn whose lease ran out. End it as failed, then try again."""

    def __init__(self, turn: Turn) -> None:
        super().__init__("a turn whose process died")
        self.turn = turn


def holds_none(now: dt.datetime) -> Condition:
    """The condition of a write that would take such a turn away."""
    held: Any = SessionRow.pending  # a path into the item, which PynamoDB types as the map's value
    condition: Condition = held.does_not_exist() | (held.state == "failed") | (held.lease_until > stamp(now))
    return condition


def raise_if_held(item: dict[str, Any], now: dt.datetime) -> None:
    """Raises InterruptedFound for the head of a session that holds such a turn."""
    held = pending_from_item(item)
    if held and held.is_interrupted_at(now):
        raise InterruptedFound(Turn(session_from_item(item), held))
