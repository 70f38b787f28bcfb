"""What goes into the file of a session, whatever its format."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from conversations.domain import Message, PendingTurn
from conversations.store.staff.heads import Head

_NANO = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class Exported:
    """A session at a moment, with its messages from the first on, read while they are written."""

    head: Head
    pending: PendingTurn | None
    at: dt.datetime
    messages: Iterator[Message]


def usd(nano: int) -> str:
    """The exact amount in US dollars, nine places behind the point."""
    return f"{Decimal(nano) / _NANO:.9f}"
