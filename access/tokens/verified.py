"""A token's claims, once its signature and its times are known to be good."""

from collections.abc import Sequence
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from access.errors import InvalidCredentials

# How far the clocks of issuer and server may be apart.
LEEWAY_SECONDS = 30

# PyJWT's own messages quote the token, so the log gets these. The first class that fits is taken.
_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.InvalidSignatureError, "the token's signature is wrong"),
    (jwt.InvalidAlgorithmError, "the token's alg is not its key's"),
    (jwt.ExpiredSignatureError, "the token has expired"),
    (jwt.ImmatureSignatureError, "the token is not valid yet"),
    (jwt.InvalidIssuerError, "the token is of another issuer"),
    (jwt.MissingRequiredClaimError, "the token lacks a claim that it must have"),
    (jwt.InvalidKeyError, "the token's key is too short"),
)


def read_claims(
    token: str,
    key: jwt.PyJWK | EllipticCurvePublicKey,
    *,
    algorithm: str,
    required: Sequence[str],
    issuer: str | None = None,
) -> dict[str, Any]:
    """The claims of a token that `key` signed with `algorithm`, valid now and, where one is given, of this issuer.

    Audiences are the caller's business: which claim names them depends on the kind of token. Raises InvalidCredentials.
    """
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(required), "verify_aud": False, "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:
        reason = next((text for kind, text in _REASONS if isinstance(error, kind)), "the token cannot be read")
    raise InvalidCredentials(reason)
