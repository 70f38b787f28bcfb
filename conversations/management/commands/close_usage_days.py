"""`manage.py close_usage_days`: copies the ledger's closed days for the usage page, every night say. May be run again.

It takes sessions that were erased, or expired, out of the copies too. Without it the page copies days itself, a month's
worth with each request, and forgets a session that is gone when it comes upon it.
"""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.services import clock
from conversations.services.staff.closing_days import Range, copy_day, copy_day_again, missing_days
from conversations.services.staff.forget_erased import forget_erased
from dynamodb_client.errors import StoreUnavailable

DEFAULT_DAYS = 92
MOST_DAYS = 3660


class Command(BaseCommand):
    help = (
        "Copy closed days (UTC) of the ledger into the staff database, those that are not copied yet, and forget "
        "sessions there that were erased or expired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="how many days back from today")
        parser.add_argument("--again", action="store_true", help="copy days anew that are copied already")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # the base class's signature
        days = _range(options["days"])
        wanted = days.closed if options["again"] else missing_days(days)
        copied = 0
        try:
            for day in wanted:
                if options["again"]:
                    copy_day_again(day)
                    copied += 1
                else:
                    copied += copy_day(day)
            forgotten = forget_erased()
        except StoreUnavailable as error:
            raise CommandError(
                f"DynamoDB does not answer as it should ({error}); {copied} days were copied."
            ) from error
        rest = len(days.closed) - copied
        self.stdout.write(f"Days up to {days.closed_until} are closed. Copied: {copied}. Copied before: {rest}.")
        self.stdout.write(f"Sessions that are gone, forgotten: {forgotten}.")


def _range(count: int) -> Range:
    if not 1 <= count <= MOST_DAYS:
        raise CommandError(f"--days is a number from 1 to {MOST_DAYS}.")
    now = clock.now()
    return Range.at(now, first=now.date() - dt.timedelta(days=count), last=now.date())
