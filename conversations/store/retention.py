"""How long what is said is kept: HISTORY_RETENTION_DAYS, as DynamoDB's TTL wants it."""

import datetime as dt

from django.conf import settings


def expiry(now: dt.datetime) -> int | None:
    """When something said now expires, in epoch seconds; None keeps it for ever."""
    days = settings.HISTORY_RETENTION_DAYS
    return int((now + dt.timedelta(days=days)).timestamp()) if days else None
