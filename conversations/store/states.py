"""The state that a list shows of a session. An index holds when a turn began and not its lease: the longest decides."""

import datetime as dt
from typing import Any

from django.conf import settings

from conversations.domain import LEASE_MARGIN_SECONDS, SessionState
from dynamodb_client.encoding import moment, text


def state_at(item: dict[str, Any], now: dt.datetime) -> SessionState:
    """The state as a reader sees it: a turn whose process must be gone has failed."""
    stored = text(item, "State")
    if stored == "pending":
        return "failed" if is_stuck(item, now) else "pending"
    return "failed" if stored == "failed" else "idle"


def is_stuck(item: dict[str, Any], now: dt.datetime) -> bool:
    """Whether a turn is pending for longer than any lease lasts."""
    longest = dt.timedelta(seconds=settings.CHAT_DEADLINE_SECONDS + LEASE_MARGIN_SECONDS)
    return text(item, "State") == "pending" and moment(text(item, "UpdatedAt")) + longest <= now
