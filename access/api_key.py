"""An API key as a value: what is known of it, without the secret itself."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from access.scopes import Scope

KeyState = Literal["active", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of an owner. `key_id` is its public name, for lists and logs; `key_hash` the SHA-256 it is found by.

    `expires_at` is None for a key without an end. `rate_limit`, as in `60/minute`, and `monthly_budget_nano_usd` are
    the key's own, None where the settings' apply. `rotated_to` is the key id of the one that takes its place,
    `first_key_id` that of the one at the beginning of the row, empty for itself.
    """

    key_id: str
    key_hash: str = field(repr=False)
    owner: str
    name: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    expires_at: dt.datetime | None = None
    rate_limit: str | None = None
    monthly_budget_nano_usd: int | None = None
    last_used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    rotated_to: str | None = None
    first_key_id: str = ""

    @property
    def account_id(self) -> str:
        """What its own rate and budget are counted under: rotating a key begins neither anew."""
        return self.first_key_id or self.key_id

    def state(self, now: dt.datetime) -> KeyState:
        """Whether it lets anybody in at this moment, and if not, why."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"
