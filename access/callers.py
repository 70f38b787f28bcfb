"""The caller of a request, as the chat plane sees it."""

from dataclasses import dataclass

from access.scopes import ALL_SCOPES, Scope

ANONYMOUS_OWNER = "anonymous"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose credentials are good.

    `owner` is what sessions and usage are filed under; `scopes` what the caller may do. `rate_limit`, as in
    `60/minute`, and `monthly_budget_nano_usd` are the caller's own, None where the settings' apply. `credential_id`
    names the credentials without being one; empty where nothing is known of them beyond the owner.
    """

    owner: str
    scopes: frozenset[Scope]
    rate_limit: str | None = None
    monthly_budget_nano_usd: int | None = None
    credential_id: str = ""
    is_authenticated: bool = True


ANONYMOUS = Caller(owner=ANONYMOUS_OWNER, scopes=ALL_SCOPES)
