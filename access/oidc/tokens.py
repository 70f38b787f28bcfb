"""From a bearer token to its caller.

Rules: RFC 8725 (best practices for JWTs), RFC 9068 (JWTs as access tokens), and for Amazon Cognito
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings

from access.callers import Caller
from access.errors import InvalidCredentials
from access.oidc.issuer import ALGORITHMS, fetch_keys
from access.oidc.key_cache import KeyCache
from access.tokens.claims import caller_from
from access.tokens.compact import read_header
from access.tokens.verified import read_claims

MAX_TOKEN_CHARS = 8_192
_REQUIRED = ("iss", "sub", "exp", "iat")
# Other kinds are signed by the same issuer for the same client and are no credentials, such as logout tokens.
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})


_caches: dict[str, KeyCache] = {}  # one for each issuer, for the whole process


def _key_cache() -> KeyCache:
    issuer = settings.OIDC_ISSUER
    return _caches.setdefault(issuer, KeyCache(partial(fetch_keys, issuer)))  # threads that come together get the same


def caller_of(token: str, *, keys: KeyCache | None = None) -> Caller:
    """The caller of a token that OIDC_ISSUER signed for one of OIDC_AUDIENCE.

    Raises InvalidCredentials, and IssuerUnavailable when the issuer's keys are not known and cannot be fetched.
    """
    if not settings.OIDC_ISSUER:
        raise InvalidCredentials("tokens are not accepted: OIDC_ISSUER is not set")
    header = read_header(token, max_chars=MAX_TOKEN_CHARS)
    if header["alg"] not in ALGORITHMS:
        raise InvalidCredentials("the token's alg is not an asymmetric one")
    if str(header.get("typ", "jwt")).lower() not in _TYPES:
        raise InvalidCredentials("the token's typ is not that of an access or ID token")
    key = (keys or _key_cache()).find(header["kid"], header["alg"])
    claims = read_claims(token, key, algorithm=header["alg"], required=_REQUIRED, issuer=settings.OIDC_ISSUER)
    _check_audience(claims)
    if claims.get("token_use", settings.OIDC_TOKEN_USE) != settings.OIDC_TOKEN_USE:
        raise InvalidCredentials("the token's token_use is not the one that is accepted")
    return caller_from(claims)


def _check_audience(claims: Mapping[str, Any]) -> None:
    """A token is for whom `aud` names; Cognito's access tokens have a client_id instead."""
    named = claims["aud"] if "aud" in claims else claims.get("client_id")
    if not any(audience in settings.OIDC_AUDIENCE for audience in (named if isinstance(named, list) else [named])):
        raise InvalidCredentials("the token is for another audience")
