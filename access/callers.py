"""The caller of a request, as the chat plane sees it."""

from dataclasses import dataclass

ANONYMOUS_OWNER = "anonymous"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may chat. `owner` is what sessions and usage are filed under."""

    owner: str
    is_authenticated: bool = True


ANONYMOUS = Caller(owner=ANONYMOUS_OWNER)
