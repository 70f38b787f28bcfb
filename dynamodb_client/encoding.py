"""How values are written and read: times as sortable text, expiry as DynamoDB's TTL wants it."""

import datetime as dt
from typing import Any

# Attributes by name, as DynamoDB writes them: {"Owner": {"S": "ada"}}.
Item = dict[str, dict[str, Any]]


def stamp(moment: dt.datetime) -> str:
    """UTC with microseconds, always 27 characters, so that text sorts as time does: `2026-11-23T09:30:00.000000Z`."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: str) -> dt.datetime:
    """The time that `stamp` wrote."""
    return dt.datetime.fromisoformat(text)


def is_expired(item: Item, now: dt.datetime) -> bool:
    """Whether TTL should have deleted the item by now."""
    return "ExpiresAt" in item and number(item, "ExpiresAt") <= now.timestamp()


def of_text(value: str) -> dict[str, str]:
    """The text as a value of DynamoDB's."""
    return {"S": value}


def of_number(value: int) -> dict[str, str]:
    """The integer as a value of DynamoDB's."""
    return {"N": str(value)}


def text(item: Item, name: str) -> str:
    """A text attribute of a raw item; empty where it is absent."""
    value: str = item.get(name, {}).get("S", "")
    return value


def number(item: Item, name: str) -> int:
    """An integer attribute of a raw item; 0 where it is absent."""
    return int(item.get(name, {}).get("N", "0"))
