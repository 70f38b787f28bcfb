"""The time of day, in one place."""

import datetime as dt


def now() -> dt.datetime:
    """The present moment in UTC."""
    return dt.datetime.now(dt.UTC)
