"""Who calls: Alice owns, Bob is a stranger, and some who are not let in."""

import datetime as dt

from access.keys.create_key import create_key
from access.keys.revoke_key import revoke_key
from access.keys.secret import new_secret
from access.scopes import Scope

DAY = dt.timedelta(days=1)

Headers = dict[str, str]


def bearer(credentials: str) -> Headers:
    return {"Authorization": f"Bearer {credentials}"}


def key_of(owner: str, *, without: Scope | None = None) -> Headers:
    """Fresh credentials of this owner, for everything but one scope."""
    return bearer(create_key(owner=owner, name="test", scopes=[s for s in Scope if s is not without]).secret)


def expired_key(owner: str) -> Headers:
    """Credentials that were good until yesterday."""
    long_ago = dt.datetime.now(dt.UTC) - 2 * DAY
    made = create_key(owner=owner, name="test", scopes=Scope, expires_at=long_ago + DAY, clock=lambda: long_ago)
    return bearer(made.secret)


def revoked_key(owner: str) -> Headers:
    made = create_key(owner=owner, name="test", scopes=Scope)
    revoke_key(made.key.key_id)
    return bearer(made.secret)


def not_let_in() -> dict[str, Headers]:
    """Everybody who must be answered 401 where nobody is let in without credentials."""
    unknown = new_secret()
    return {
        "no credentials": {},
        "garbage": {"Authorization": "garbage"},
        "another scheme": {"Authorization": "Basic YWxpY2U6c2VjcmV0"},
        "empty": {"Authorization": ""},
        "garbage for a token": bearer("garbage"),
        "a malformed key": bearer(unknown[:-1]),
        "an unknown key": bearer(unknown),
        "an unknown key in the other header": {"X-API-Key": unknown},
        "an empty key": {"X-API-Key": ""},
        "an expired key": expired_key("alice"),
        "a revoked key": revoked_key("alice"),
        "a header that only a load balancer may send": {"X-Amzn-Oidc-Data": "e30.e30.e30"},
    }
