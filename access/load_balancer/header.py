"""From `x-amzn-oidc-data` to its caller.

The header is a JWT of the load balancer's own kind, with `exp`, `client` and `signer` in the JWS header:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
"""

import re
import time
from typing import Any

from django.conf import settings

from access.callers import Caller
from access.errors import InvalidCredentials
from access.load_balancer.arns import keys_address
from access.load_balancer.public_keys import PublicKeys
from access.tokens.claims import caller_from
from access.tokens.compact import read_header
from access.tokens.verified import LEEWAY_SECONDS, read_claims

# The load balancer sends claims of up to 11 KB, which base64 makes longer by a third.
MAX_HEADER_CHARS = 16_384
_ALGORITHM = "ES256"
_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


_caches: dict[str, PublicKeys] = {}  # one for each address, for the whole process


def _public_keys() -> PublicKeys:
    address = keys_address(settings.ALB_ARN)
    if address is None:
        raise InvalidCredentials("the load balancer's header is not accepted: ALB_ARN is not set to its ARN")
    return _caches.setdefault(address, PublicKeys(address))  # threads that come together get the same


def caller_of(header: str, *, keys: PublicKeys | None = None) -> Caller:
    """The caller for whom the load balancer ALB_ARN vouches.

    Raises InvalidCredentials, and IssuerUnavailable when the load balancer's key is not known and cannot be fetched.
    """
    keys = keys or _public_keys()
    fields = read_header(header, max_chars=MAX_HEADER_CHARS)
    _check(fields)
    claims = read_claims(header, keys.find(fields["kid"]), algorithm=_ALGORITHM, required=("sub",))
    return caller_from(claims)


def _check(fields: dict[str, Any]) -> None:
    """Everything in the JWS header, before a key is looked for and before the signature says that it is true."""
    if fields["alg"] != _ALGORITHM:
        raise InvalidCredentials(f"the load balancer's header is not signed with {_ALGORITHM}")
    if fields.get("signer") != settings.ALB_ARN:
        raise InvalidCredentials("the load balancer's header is signed by another load balancer")
    if fields.get("client") not in settings.ALB_CLIENT_IDS:
        raise InvalidCredentials("the load balancer's header is for another client")
    # The owner is the bare sub: both ways in must mean the same people by it.
    if settings.OIDC_ISSUER and fields.get("iss") != settings.OIDC_ISSUER:
        raise InvalidCredentials("the load balancer's header is of another issuer than OIDC_ISSUER")
    expires = fields.get("exp")
    if not isinstance(expires, int | float) or not time.time() - LEEWAY_SECONDS < expires:
        raise InvalidCredentials("the load balancer's header has expired")
    if not _KEY_ID.fullmatch(fields["kid"]):
        raise InvalidCredentials("the load balancer's header names a key that does not look like one")
