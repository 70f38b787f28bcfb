"""A token before anything of it is believed: JWS compact serialization (RFC 7515), and the header it shows."""

import re
from typing import Any

import jwt

from access.errors import InvalidCredentials

# The load balancer pads its parts, which RFC 7515 does not; PyJWT takes both and nothing else.
_SHAPE = re.compile(r"[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}")
# Both change what is signed or must be understood (RFC 7515 4.1.11, RFC 7797). Headers that bring keys of their own
# (jwk, jku, x5c, x5u) are no harm to anyone who never reads them, and some issuers send them.
_REFUSED_FIELDS = ("crit", "b64")


def read_header(token: str, *, max_chars: int) -> dict[str, Any]:
    """The header of a token, with texts in `alg` and `kid`; nothing of it is verified. Raises InvalidCredentials."""
    if len(token) > max_chars:
        raise InvalidCredentials(f"the token is longer than {max_chars} characters")
    if not _SHAPE.fullmatch(token):
        raise InvalidCredentials("the token is not three parts of base64url")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise InvalidCredentials("the token's header cannot be read") from None
    for field in _REFUSED_FIELDS:
        if field in header:
            raise InvalidCredentials(f"the token's header has a field {field}")
    for field in ("alg", "kid"):
        if not isinstance(header.get(field), str):
            raise InvalidCredentials(f"the token's header has no {field}")
    return header
