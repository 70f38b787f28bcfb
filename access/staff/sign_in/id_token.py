"""What an ID token must say before anything of it is believed: OpenID Connect Core 1.0, section 3.1.3.7."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from access.errors import InvalidCredentials
from access.oidc.issuer import ALGORITHMS
from access.staff.sign_in import issuer
from access.tokens.compact import read_header
from access.tokens.verified import read_claims

# Room for the names of some hundred groups.
MAX_TOKEN_CHARS = 65_536
_REQUIRED = ("iss", "sub", "aud", "exp", "iat", "nonce")


def read_id_token(token: object, *, nonce: str) -> dict[str, Any]:
    """The claims of an ID token that the issuer signed for this client, in answer to the request with this nonce.

    Raises InvalidCredentials, and IssuerUnavailable when the issuer's keys are not known and cannot be fetched.
    """
    if not isinstance(token, str):
        raise InvalidCredentials("the issuer gave no ID token")
    header = read_header(token, max_chars=MAX_TOKEN_CHARS)
    algorithm = header["alg"]
    if algorithm not in ALGORITHMS:
        raise InvalidCredentials("the ID token's alg is not an asymmetric one")
    if str(header.get("typ", "jwt")).lower() != "jwt":
        raise InvalidCredentials("the ID token's typ is that of another token")
    key = issuer.keys().find(header["kid"], algorithm)
    claims = read_claims(token, key, algorithm=algorithm, required=_REQUIRED, issuer=settings.STAFF_OIDC_ISSUER)
    _check_client(claims)
    if claims.get("token_use", "id") != "id":  # Amazon Cognito's
        raise InvalidCredentials("the ID token's token_use is that of another token")
    if not isinstance(claims["nonce"], str) or not constant_time_compare(claims["nonce"], nonce):
        raise InvalidCredentials("the ID token answers another request")
    return claims


def _check_client(claims: Mapping[str, Any]) -> None:
    """The token is for this client, and was asked for by it; audiences of which we know nothing need that said."""
    client_id = settings.STAFF_OIDC_CLIENT_ID
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    party = claims.get("azp", client_id if audiences == [client_id] else None)
    if client_id not in audiences or party != client_id:
        raise InvalidCredentials("the ID token is for another client")
