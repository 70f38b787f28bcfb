"""From a request to its caller: which credentials count, and in which order.

1. `Authorization: Bearer cb_…` or `X-API-Key: cb_…`: an API key. Both headers may be there with the same key.
2. `Authorization: Bearer` with anything else: a token of OIDC_ISSUER, where that is set.
3. `x-amzn-oidc-data`: the load balancer's word, where ALB_ARN is set; without it the header means nothing.
4. None of these: the anonymous caller, where ALLOW_ANONYMOUS says so.

Authorization goes before the rest. Credentials that are there and not good are refused, never anonymous, and the
answer is the same for all of them: what was wrong stands in the log. An address that fails too often is refused
before its keys are looked up; keys that this process knows, and tokens that are good, still pass.
"""

import logging
import re
from collections.abc import Callable, Mapping

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from access import keys
from access.addresses import client_address
from access.callers import ANONYMOUS, Caller
from access.errors import InvalidCredentials
from access.limits import strangers

logger = logging.getLogger("access")

AUTHORIZATION = "Authorization"
API_KEY = "X-API-Key"
LOAD_BALANCER = "X-Amzn-Oidc-Data"
# RFC 6750, 2.1. Each kind of credentials bounds its own length besides.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
MAX_AUTHORIZATION_CHARS = 8_200


class CallerAuthentication(BaseAuthentication):
    """Gives each request its `Caller`; one without credentials, or with bad ones, is answered 401.

    Raises IssuerUnavailable and StoreUnavailable when nobody can say whether the credentials are good, RateLimited
    for an address that failed too often.
    """

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        try:
            caller = caller_of(request.headers, before_look_up=lambda: strangers.check(client_address(request)))
        except InvalidCredentials as error:
            logger.warning("not_authenticated: %s", error)
            _count_failure(client_address(request))
            raise AuthenticationFailed from error
        if caller is None:
            _count_failure(client_address(request))
            return None
        return caller, None

    def authenticate_header(self, request: Request) -> str:
        """RFC 6750, 3: the challenge names an error only where credentials were sent."""
        return 'Bearer error="invalid_token"' if _has_credentials(request.headers) else "Bearer"


def caller_of(headers: Mapping[str, str], *, before_look_up: Callable[[], None]) -> Caller | None:
    """The caller whose credentials are in these headers (of any case); None when there are none.

    `before_look_up` may refuse, by raising, an API key that this process does not know. Raises InvalidCredentials,
    IssuerUnavailable, StoreUnavailable.
    """
    if AUTHORIZATION in headers:
        credentials = _bearer(headers[AUTHORIZATION])
        if not credentials.startswith(keys.PREFIX):
            return _from_token(credentials)
        if headers.get(API_KEY, credentials) != credentials:
            raise InvalidCredentials(f"{AUTHORIZATION} and {API_KEY} have two different keys")
        return keys.caller_of(credentials, before_look_up=before_look_up)
    if API_KEY in headers:
        return keys.caller_of(headers[API_KEY], before_look_up=before_look_up)
    if settings.ALB_ARN and LOAD_BALANCER in headers:
        from access import load_balancer  # with it come PyJWT and cryptography: 60 ms that most deployments save

        return load_balancer.caller_of(headers[LOAD_BALANCER])
    return ANONYMOUS if settings.ALLOW_ANONYMOUS else None


def _from_token(token: str) -> Caller:
    if not settings.OIDC_ISSUER:
        raise InvalidCredentials("the bearer token is no API key, and no other tokens are accepted")
    from access import oidc  # as above

    return oidc.caller_of(token)


def _bearer(header: str) -> str:
    match = _BEARER.fullmatch(header) if len(header) <= MAX_AUTHORIZATION_CHARS else None
    if match is None:
        raise InvalidCredentials(f"{AUTHORIZATION} does not hold bearer credentials")
    return match[1]


def _count_failure(address: str) -> None:
    strangers.check(address)
    strangers.count(address)


def _has_credentials(headers: Mapping[str, str]) -> bool:
    return AUTHORIZATION in headers or API_KEY in headers or bool(settings.ALB_ARN and LOAD_BALANCER in headers)
