"""Keys for tests, and the table as DynamoDB shows it."""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.conf import settings

from access.keys.create_key import IssuedKey, create_key
from access.scopes import Scope
from dynamodb_client.client import dynamodb_client

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def at(moment: dt.datetime) -> Callable[[], dt.datetime]:
    """A clock that stands still."""
    return lambda: moment


class Fields(TypedDict, total=False):
    """What `create_key` takes."""

    owner: str
    name: str
    scopes: Iterable[str]
    expires_at: dt.datetime | None
    rate_limit: str | None
    monthly_budget_usd: Decimal | None
    clock: Callable[[], dt.datetime]


USUAL: Fields = {"owner": "alice", "name": "test", "scopes": Scope}


def issue(**fields: Unpack[Fields]) -> IssuedKey:
    """A key of Alice's that may do everything, made now, but for what is said here."""
    wanted: Fields = {**USUAL, **fields}
    return create_key(**wanted)


def stored() -> list[dict[str, Any]]:
    """Every item of the table."""
    items: list[dict[str, Any]] = dynamodb_client().scan(TableName=settings.API_KEYS_TABLE)["Items"]
    return items
