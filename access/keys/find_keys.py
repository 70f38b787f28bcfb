"""Keys as staff see them: one by its public id, or a page of the list."""

from dataclasses import dataclass

from access.api_key import ApiKey
from access.keys.errors import InvalidField, KeyNotFound
from access.keys.secret import KEY_ID_PATTERN
from access.store import api_keys


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Keys, newest first. `next_cursor` leads to the next page; None at the end."""

    keys: list[ApiKey]
    next_cursor: str | None


def find_key(key_id: str) -> ApiKey:
    """The key with this public id. Raises KeyNotFound, StoreUnavailable."""
    key = api_keys.find(key_id) if KEY_ID_PATTERN.fullmatch(key_id) else None
    if key is None:
        raise KeyNotFound(f"There is no key {key_id}.")
    return key


def list_keys(*, owner: str | None = None, limit: int = 50, cursor: str | None = None) -> KeyPage:
    """Keys of this owner, or of everybody; expired and revoked ones too. Raises InvalidField, StoreUnavailable."""
    if not 1 <= limit <= api_keys.MAX_PAGE:
        raise InvalidField("limit", f"A page holds 1 to {api_keys.MAX_PAGE} keys.")
    if cursor is not None and not KEY_ID_PATTERN.fullmatch(cursor):
        raise InvalidField("cursor", "The cursor is not one that a list gave out.")
    if owner == "":
        raise InvalidField("owner", "An owner is not empty.")
    found = api_keys.page(owner=owner, limit=limit + 1, before=cursor)
    keys = found[:limit]
    return KeyPage(keys, keys[-1].key_id if len(found) > limit else None)
