"""How values are written and read: times as sortable text, expiry as DynamoDB's TTL wants it."""

import datetime as dt
from typing import Any


def stamp(moment: dt.datetime) -> str:
    """UTC with microseconds, always 27 characters, so that text sorts as time does: `2026-11-23T09:30:00.000000Z`."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> dt.datetime:
    """The time that `stamp` wrote."""
    return dt.datetime.fromisoformat(text)


def is_expired(item: dict[str, Any], now: dt.datetime) -> bool:
    """Whether TTL should have deleted the item by now."""
    return "ExpiresAt" in item and number(item, "ExpiresAt") <= now.timestamp()


def text(item: dict[str, Any], name: str) -> str:
    """A text attribute of a raw item; empty where it is absent."""
    value: str = item.get(name, {}).get("S", "")
    return value


def number(item: dict[str, Any], name: str) -> int:
    """An integer attribute of a raw item; 0 where it is absent."""
    return int(item.get(name, {}).get("N", "0"))
