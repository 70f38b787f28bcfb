"""The keys of an owner that still let somebody in."""

from dataclasses import dataclass

from access.api_key import ApiKey
from access.keys.clock import now
from access.keys.find_keys import list_keys
from access.store import api_keys

# So many pages of an owner's keys are looked through, ended ones among them.
_MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class UsableKeys:
    """Keys, newest first; not `is_all` where the owner has more than are looked through."""

    keys: list[ApiKey]
    is_all: bool


def usable_keys(owner: str) -> UsableKeys:
    """Those that are neither expired nor revoked; of a rotated one, while it is good. Raises StoreUnavailable."""
    keys: list[ApiKey] = []
    cursor = None
    for _ in range(_MOST_PAGES):
        page = list_keys(owner=owner, limit=api_keys.MAX_PAGE, cursor=cursor)
        keys += [key for key in page.keys if key.state(now()) == "active"]
        cursor = page.next_cursor
        if cursor is None:
            return UsableKeys(keys, is_all=True)
    return UsableKeys(keys, is_all=False)
