"""From the secret of an API key to its caller."""

import datetime as dt
from collections.abc import Callable

from access.callers import Caller
from access.errors import InvalidCredentials
from access.keys.clock import now as time_of_day
from access.keys.key_cache import KeyCache
from access.keys.last_use import LastUse
from access.keys.secret import has_key_shape, hash_of

_cache = KeyCache()
_last_use = LastUse()


def caller_of(
    secret: str,
    *,
    before_look_up: Callable[[], None],
    cache: KeyCache = _cache,
    last_use: LastUse = _last_use,
    clock: Callable[[], dt.datetime] = time_of_day,
) -> Caller:
    """The caller whose key this is. `before_look_up` may refuse, by raising, a key that this process does not know.

    Raises InvalidCredentials for a key that is malformed, unknown, expired or revoked, and StoreUnavailable when
    nobody can say.
    """
    if not has_key_shape(secret):
        raise InvalidCredentials("the API key is malformed")
    key = cache.find(hash_of(secret), before_look_up=before_look_up)
    if key is None:
        raise InvalidCredentials("there is no such API key")
    now = clock()
    state = key.state(now)
    if state != "active":
        raise InvalidCredentials(f"API key {key.key_id} is {state}")
    last_use.note(key, now=now)
    return Caller(
        owner=key.owner,
        scopes=key.scopes,
        rate_limit=key.rate_limit,
        monthly_budget_nano_usd=key.monthly_budget_nano_usd,
        credential_id=key.account_id,
    )
