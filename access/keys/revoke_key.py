"""End a key."""

import datetime as dt
from collections.abc import Callable

from access.api_key import ApiKey
from access.keys.clock import now as time_of_day
from access.keys.find_keys import find_key
from access.store import api_keys


def revoke_key(key_id: str, *, clock: Callable[[], dt.datetime] = time_of_day) -> ApiKey:
    """The key, revoked: within 30 s no process lets it in. Again, it changes nothing.

    Raises KeyNotFound, StoreUnavailable.
    """
    return api_keys.revoke(find_key(key_id), now=clock())
