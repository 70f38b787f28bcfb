"""What the fields of a key may be. Each function returns the value to store, or raises InvalidField."""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal

from access.callers import ANONYMOUS_OWNER
from access.keys.errors import InvalidField
from access.limits.rates import parse_rate
from access.scopes import Scope, parse_scopes

# The same texts as the `sub` of a token, so that a user may have keys of their own.
_OWNER = re.compile(r"[!-~]{1,255}")
MAX_NAME_CHARS = 100
_MAX_RATE_LIMIT_CHARS = 50
_NANO = Decimal("1e-9")
_MAX_BUDGET_USD = 1_000_000_000


def owner_of(owner: str) -> str:
    if not _OWNER.fullmatch(owner):
        raise InvalidField("owner", "An owner is 1 to 255 visible ASCII characters, without spaces.")
    if owner == ANONYMOUS_OWNER:
        raise InvalidField("owner", f"{ANONYMOUS_OWNER} is the owner of callers without credentials.")
    return owner


def name_of(name: str) -> str:
    if not name.strip() or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise InvalidField("name", f"A name is 1 to {MAX_NAME_CHARS} printable characters, not only spaces.")
    return name


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    try:
        return parse_scopes(names)
    except ValueError as error:
        raise _invalid("scopes", error) from error


def expiry_of(expires_at: dt.datetime | None, *, now: dt.datetime) -> dt.datetime | None:
    """Whole seconds, as the table keeps it."""
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise InvalidField("expires_at", "The expiry needs a time zone.")
    if expires_at.timestamp() < now.timestamp() + 1:
        raise InvalidField("expires_at", "The expiry must be in the future.")
    return expires_at.astimezone(dt.UTC).replace(microsecond=0)


def rate_limit_of(rate_limit: str | None) -> str | None:
    """As it is written: whoever counts by it reads it the same way."""
    if rate_limit is None:
        return None
    if len(rate_limit) > _MAX_RATE_LIMIT_CHARS:
        raise InvalidField("rate_limit", f"A rate has at most {_MAX_RATE_LIMIT_CHARS} characters, as in 60/minute.")
    try:
        parse_rate(rate_limit)
    except ValueError as error:
        raise _invalid("rate_limit", error) from error
    return rate_limit


def nano_usd_of(monthly_budget_usd: Decimal | None) -> int | None:
    """The budget in nano-dollars; 0 is a budget too, one that allows nothing."""
    if monthly_budget_usd is None:
        return None
    allowed = monthly_budget_usd.is_finite() and 0 <= monthly_budget_usd <= _MAX_BUDGET_USD
    if not allowed or monthly_budget_usd % _NANO:
        raise InvalidField(
            "monthly_budget_usd",
            f"A monthly budget is 0 to {_MAX_BUDGET_USD:,} US dollars, with nine digits behind the point at most.",
        )
    return int(monthly_budget_usd / _NANO)


def _invalid(field: str, error: ValueError) -> InvalidField:
    """The same words, as a sentence."""
    message = str(error)
    return InvalidField(field, f"{message[:1].upper()}{message[1:]}.")
