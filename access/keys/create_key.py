"""Make a key."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from access.api_key import ApiKey
from access.keys import rules, secret
from access.keys.clock import now as time_of_day
from access.store import api_keys


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which nobody can read again."""

    secret: str = field(repr=False)
    key: ApiKey


def create_key(
    *,
    owner: str,
    name: str,
    scopes: Iterable[str],
    expires_at: dt.datetime | None = None,
    rate_limit: str | None = None,
    monthly_budget_usd: Decimal | None = None,
    clock: Callable[[], dt.datetime] = time_of_day,
) -> IssuedKey:
    """A key for this owner, who need not exist. Raises InvalidField, StoreUnavailable."""
    now = clock()
    text = secret.new_secret()
    key = ApiKey(
        key_id=secret.new_key_id(),
        key_hash=secret.hash_of(text),
        owner=rules.owner_of(owner),
        name=rules.name_of(name),
        scopes=rules.scopes_of(scopes),
        created_at=now,
        expires_at=rules.expiry_of(expires_at, now=now),
        rate_limit=rules.rate_limit_of(rate_limit),
        monthly_budget_nano_usd=rules.nano_usd_of(monthly_budget_usd),
    )
    api_keys.put(key)
    return IssuedKey(text, key)
