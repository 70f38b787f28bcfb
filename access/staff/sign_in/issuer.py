"""What STAFF_OIDC_ISSUER publishes: its endpoints and keys. It is asked when somebody signs in, never before."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cachetools import TTLCache, cached
from django.conf import settings

from access.errors import IssuerUnavailable
from access.oidc.issuer import discover, fetch_keys
from access.oidc.key_cache import KeyCache
from access.tokens.fetching import may_be_fetched

FRESH_SECONDS = 3_600


@dataclass(frozen=True)
class Endpoints:
    """Where a sign-in begins, and where its code is redeemed."""

    authorization: str
    token: str
    # RFC 6749 2.3.1: the client's secret goes into the header unless the issuer takes it in the form.
    secret_in_form: bool
    # RFC 9207: whether every answer says whose it is.
    answers_name_issuer: bool


_endpoints: TTLCache[str, Endpoints] = TTLCache(maxsize=4, ttl=FRESH_SECONDS)
_keys: dict[str, KeyCache] = {}


def endpoints() -> Endpoints:
    """The issuer's endpoints, asked for once an hour. Raises IssuerUnavailable."""
    return _discovered(settings.STAFF_OIDC_ISSUER)


def keys() -> KeyCache:
    """The keys that the issuer signs with."""
    issuer = settings.STAFF_OIDC_ISSUER
    return _keys.setdefault(issuer, KeyCache(partial(fetch_keys, issuer)))  # threads that come together get the same


@cached(_endpoints, lock=threading.Lock())
def _discovered(issuer: str) -> Endpoints:
    document = discover(issuer)
    methods = document.get("token_endpoint_auth_methods_supported")
    return Endpoints(
        authorization=_address(document, "authorization_endpoint"),
        token=_address(document, "token_endpoint"),
        secret_in_form=isinstance(methods, list) and "client_secret_post" in methods,
        answers_name_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not may_be_fetched(address):
        raise IssuerUnavailable(f"the discovery document has no {name} with https")
    return address
