"""The days that staff may ask for."""

import datetime as dt

from conversations.admin.pages import BadQuery

EARLIEST = dt.date(2024, 1, 1)  # of all days of which there can be a session: the models are younger


def check_days(*days: dt.date | None, today: dt.date) -> None:
    """Raises BadQuery for a day on which nothing can have happened."""
    if any(day and not EARLIEST <= day <= today for day in days):
        raise BadQuery(f"Days are from {EARLIEST} to {today}.")
