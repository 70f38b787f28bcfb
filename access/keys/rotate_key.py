"""Put a new key in the place of one that is in use, with time to change over."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from access.api_key import ApiKey
from access.keys import secret
from access.keys.clock import now as time_of_day
from access.keys.create_key import IssuedKey
from access.keys.errors import InvalidField, KeyNotActive
from access.keys.find_keys import find_key
from access.store import api_keys

OVERLAP = dt.timedelta(hours=24)
MAX_OVERLAP = dt.timedelta(days=90)


def rotate_key(
    key_id: str, *, overlap: dt.timedelta = OVERLAP, clock: Callable[[], dt.datetime] = time_of_day
) -> IssuedKey:
    """A new key with the same owner, name and rights; the old one expires after `overlap`, if not sooner.

    A key that was made to live for some time is followed by one that lives as long. Raises InvalidField, KeyNotFound,
    KeyNotActive, StoreUnavailable.
    """
    if not dt.timedelta(0) <= overlap <= MAX_OVERLAP:
        raise InvalidField("overlap", f"The overlap is 0 to {MAX_OVERLAP.days} days.")
    now = clock()
    old = find_key(key_id)
    _require_active(old, now)
    text = secret.new_secret()
    new = replace(
        old,
        key_id=secret.new_key_id(),
        key_hash=secret.hash_of(text),
        created_at=now,
        expires_at=_lives_as_long(old, now),
        last_used_at=None,
        first_key_id=old.account_id,
    )
    ends = now + overlap
    if not api_keys.rotate(old, new, expires_at=min(ends, old.expires_at or ends)):
        raise KeyNotActive(f"Key {key_id} was rotated or revoked by somebody else just now.")
    return IssuedKey(text, new)


def _require_active(key: ApiKey, now: dt.datetime) -> None:
    if key.rotated_to is not None:
        raise KeyNotActive(f"Key {key.key_id} was rotated to {key.rotated_to} already.")
    if key.state(now) != "active":
        raise KeyNotActive(f"Key {key.key_id} is {key.state(now)}: create a new one.")


def _lives_as_long(old: ApiKey, now: dt.datetime) -> dt.datetime | None:
    """In whole seconds, as the table keeps it."""
    if old.expires_at is None:
        return None
    return (now + (old.expires_at - old.created_at)).replace(microsecond=0)
