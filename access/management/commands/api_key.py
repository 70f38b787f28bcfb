"""`manage.py api_key create|list|revoke|rotate`: the keys that callers send.

A new key's secret is all that goes to standard output, so that `KEY=$(manage.py api_key create …)` holds it; what is
said about it goes to standard error.
"""

import datetime as dt
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.api_key import ApiKey
from access.keys.clock import now
from access.keys.create_key import IssuedKey, create_key
from access.keys.errors import InvalidField, KeyNotActive, KeyNotFound
from access.keys.find_keys import list_keys
from access.keys.revoke_key import revoke_key
from access.keys.rotate_key import MAX_OVERLAP, OVERLAP, rotate_key
from access.scopes import Scope
from dynamodb_client.errors import StoreUnavailable

_HEADINGS = ("KEY ID", "STATE", "OWNER", "NAME", "SCOPES", "CREATED", "LAST USED", "EXPIRES", "ROTATED TO")


class Command(BaseCommand):
    help = "Make, list, revoke and rotate the API keys of callers."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|revoke|rotate")
        _add_create(actions.add_parser("create", help="make a key; its secret is shown this once"))
        _add_list(actions.add_parser("list", help="list keys, newest first"))
        revoke = actions.add_parser("revoke", help="end a key, within 30 seconds")
        revoke.add_argument("key_id", help="the key's public id, as `list` shows it")
        rotate = actions.add_parser("rotate", help="put a new key with the same rights in the place of one")
        rotate.add_argument("key_id", help="the key's public id, as `list` shows it")
        usual = OVERLAP // dt.timedelta(hours=1)
        rotate.add_argument(
            "--overlap-hours", type=_hours, default=OVERLAP, help=f"how long the old key is good for still ({usual})"
        )

    def handle(self, *args: str, **options: Any) -> None:  # noqa: ANN401  # values of several types
        actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "create": self._create,
            "list": self._list,
            "revoke": self._revoke,
            "rotate": self._rotate,
        }
        try:
            actions[options["action"]](options)
        except (InvalidField, KeyNotFound, KeyNotActive) as error:
            raise CommandError(str(error)) from error
        except StoreUnavailable as error:
            raise CommandError(f"DynamoDB does not answer as it should: {error}") from error

    def _create(self, options: dict[str, Any]) -> None:
        lifetime = options["expires_in_days"]
        issued = create_key(
            owner=options["owner"],
            name=options["name"],
            scopes=options["scopes"].split(","),
            expires_at=None if lifetime is None else now() + lifetime,
            rate_limit=options["rate_limit"],
            monthly_budget_usd=options["monthly_budget_usd"],
        )
        self._show(issued, f"Key {issued.key.key_id} of {issued.key.owner}")

    def _list(self, options: dict[str, Any]) -> None:
        page = list_keys(owner=options["owner"], limit=options["limit"], cursor=options["cursor"])
        moment = now()
        rows = [_HEADINGS, *(_row(key, moment) for key in page.keys)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self.stdout.write("  ".join(map(str.ljust, row, widths)).rstrip())
        if page.next_cursor:
            self.stderr.write(f"More follow: --cursor {page.next_cursor}")

    def _revoke(self, options: dict[str, Any]) -> None:
        key = revoke_key(options["key_id"])
        self.stderr.write(f"Key {key.key_id} of {key.owner} is revoked; within 30 seconds nobody gets in with it.")

    def _rotate(self, options: dict[str, Any]) -> None:
        issued = rotate_key(options["key_id"], overlap=options["overlap_hours"])
        self._show(issued, f"Key {issued.key.key_id} of {issued.key.owner} takes the place of {options['key_id']}")

    def _show(self, issued: IssuedKey, what: str) -> None:
        self.stdout.write(issued.secret)
        self.stderr.write(f"{what}. Keep the secret well: it is shown this once and stored nowhere.")


def _add_create(parser: ArgumentParser) -> None:
    parser.add_argument("--owner", required=True, help="whom sessions and usage are filed under")
    parser.add_argument("--name", required=True, help="what the key is for, as in 'web shop, production'")
    parser.add_argument("--scopes", default=",".join(Scope), help="what it may do, with commas between (everything)")
    parser.add_argument("--expires-in-days", type=_days, help="how long it is good for (no end)")
    parser.add_argument("--rate-limit", help="of this key alone, as in 60/minute (RATE_LIMIT)")
    parser.add_argument(
        "--monthly-budget-usd", type=_dollars, help="of this key alone, as in 12.50 (MONTHLY_BUDGET_USD)"
    )


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--owner", help="only this owner's keys")
    parser.add_argument("--limit", type=int, default=50, help="how many at most (50)")
    parser.add_argument("--cursor", help="where the page before ended")


def _row(key: ApiKey, moment: dt.datetime) -> tuple[str, ...]:
    return (
        key.key_id,
        key.state(moment),
        key.owner,
        key.name,
        ",".join(scope for scope in Scope if scope in key.scopes),
        _minute(key.created_at),
        _minute(key.last_used_at),
        _minute(key.expires_at),
        key.rotated_to or "-",
    )


def _minute(moment: dt.datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%MZ") if moment else "-"


def _days(text: str) -> dt.timedelta:
    """Up to a hundred years: dates end some day."""
    return dt.timedelta(days=_whole_number(text, least=1, most=36_500))


def _hours(text: str) -> dt.timedelta:
    return dt.timedelta(hours=_whole_number(text, least=0, most=MAX_OVERLAP // dt.timedelta(hours=1)))


def _whole_number(text: str, *, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return int(text)


def _dollars(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ArgumentTypeError(f"{text!r} is no amount of US dollars") from error
