"""What an issuer publishes: its discovery document (OpenID Connect Discovery 1.0) and the keys it points to (RFC 7517).

A key is kept under its `kid` and under each algorithm it may be used with: its own `alg` where the issuer names one,
otherwise what its type and curve allow. So a token's `alg` only ever picks among what the issuer said.
"""

import json
from collections.abc import Mapping
from typing import Any

import jwt

from access.errors import IssuerUnavailable
from access.tokens.fetching import fetch

KeySet = Mapping[str, Mapping[str, jwt.PyJWK]]

_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_ALGORITHMS: Mapping[tuple[object, object], tuple[str, ...]] = {
    ("RSA", None): _RSA,
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("OKP", "Ed448"): ("EdDSA",),
}
ALGORITHMS = frozenset(name for names in _ALGORITHMS.values() for name in names)
# An issuer has a handful of keys; more would only cost time.
_MAX_KEYS = 100


def discover(issuer: str) -> dict[str, Any]:
    """The discovery document of `issuer`, which is its own. Raises IssuerUnavailable."""
    document = _fetch_object(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        raise IssuerUnavailable(f"the discovery document of {issuer} names another issuer")
    return document


def fetch_keys(issuer: str) -> KeySet:
    """The keys that `issuer` signs with now. Raises IssuerUnavailable, also when there is not one that can be used."""
    address = discover(issuer).get("jwks_uri")
    if not isinstance(address, str):
        raise IssuerUnavailable(f"the discovery document of {issuer} has no jwks_uri")
    published = _fetch_object(address).get("keys")
    keys = _read_keys(published if isinstance(published, list) else [])
    if not keys:
        raise IssuerUnavailable(f"{issuer} publishes no key that can be used")
    return keys


def _fetch_object(url: str) -> dict[str, Any]:
    body = fetch(url)
    if body is None:
        raise IssuerUnavailable(f"there is nothing at {url}")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise IssuerUnavailable(f"what is at {url} is not a JSON object")
    return document


def _read_keys(published: list[Any]) -> KeySet:
    keys: dict[str, dict[str, jwt.PyJWK]] = {}
    for entry in published[:_MAX_KEYS]:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str):
            for algorithm in _algorithms(entry):
                try:
                    keys.setdefault(entry["kid"], {}).setdefault(algorithm, jwt.PyJWK(entry, algorithm))
                except (jwt.PyJWTError, AttributeError, TypeError, ValueError):
                    continue  # one key that cannot be read takes nothing from the others
    return {kid: known for kid, known in keys.items() if known}


def _algorithms(entry: dict[str, Any]) -> tuple[str, ...]:
    """What a published key may verify; nothing where it is secret, private, or meant for something else."""
    purposes = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or not isinstance(purposes, list) or "verify" not in purposes or "d" in entry:
        return ()
    kind, curve = entry.get("kty"), entry.get("crv")
    allowed = _ALGORITHMS.get((kind, curve), ()) if isinstance(kind, str) and isinstance(curve, str | None) else ()
    return tuple(name for name in allowed if entry.get("alg", name) == name)
