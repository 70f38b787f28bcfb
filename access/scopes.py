"""What a caller may be allowed to do, one word for each permission."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """One permission of a caller. The words stand in API keys, in settings and in the OpenAPI document."""

    CHAT = "chat"
    HISTORY_READ = "history:read"
    HISTORY_DELETE = "history:delete"
    MODELS = "models"


ALL_SCOPES = frozenset(Scope)


def parse_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names. Raises ValueError, which says what is wrong, for an unknown name or none at all."""
    given = list(names)
    unknown = [name for name in given if name not in ALL_SCOPES]
    if unknown:
        raise ValueError(f"no such scope: {', '.join(map(repr, unknown))}; there are {', '.join(Scope)}")
    if not given:
        raise ValueError(f"no scope is named; there are {', '.join(Scope)}")
    return frozenset(map(Scope, given))
