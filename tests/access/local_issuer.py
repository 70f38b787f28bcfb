"""An OIDC issuer on this machine: it signs real tokens with keys that rotate, and publishes what belongs to them."""

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .publisher import Page, Publisher

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
AUDIENCE = "the-app"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key for each name, made once for the whole test run."""
    return rsa.generate_private_key(65_537, bits)


def published(key: PrivateKey, kid: str, **fields: str) -> dict[str, Any]:
    """The JWK of a key's public half."""
    public = key.public_key()
    match public:
        case rsa.RSAPublicKey():
            jwk = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        case ec.EllipticCurvePublicKey():
            jwk = jwt.algorithms.ECAlgorithm.to_jwk(public, as_dict=True)
        case _:
            jwk = jwt.algorithms.OKPAlgorithm.to_jwk(public, as_dict=True)
    return {name: value for name, value in jwk.items() if name != "key_ops"} | {"kid": kid} | fields


def public_pem(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sign(payload: bytes, key: PrivateKey, algorithm: str, fields: dict[str, Any]) -> str:
    """A token with any bytes for its claims, and any fields in its header."""
    return jwt.PyJWS().encode(payload, key, algorithm, fields)


class LocalIssuer(Publisher):
    """Publishes `keys` (JWKs by kid) at its address, which is its name."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, dict[str, Any]] = {}
        self.pages[DISCOVERY] = Page(json.dumps({"issuer": self.url, "jwks_uri": self.url + KEYS}).encode())
        self.publish("first", rsa_key("first"), alg="RS256", use="sig")

    def publish(self, kid: str, key: PrivateKey, **fields: str) -> None:
        """One more key."""
        self.publish_as_it_is(published(key, kid, **fields))

    def publish_as_it_is(self, jwk: dict[str, Any]) -> None:
        self.keys[jwk["kid"]] = jwk
        self._write()

    def withdraw(self, kid: str) -> None:
        del self.keys[kid]
        self._write()

    def claims(self, changes: Mapping[str, object] | None = None) -> dict[str, Any]:
        """What a good token says. A change to None takes the claim away."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300}
        return {name: value for name, value in (usual | dict(changes or {})).items() if value is not None}

    def token(
        self,
        changes: Mapping[str, object] | None = None,
        *,
        kid: str = "first",
        key: PrivateKey | None = None,
        algorithm: str = "RS256",
        headers: Mapping[str, Any] | None = None,
    ) -> str:
        """A token signed with a key that this issuer may or may not publish."""
        fields = {"kid": kid, **(headers or {})}
        return sign(json.dumps(self.claims(changes)).encode(), key or rsa_key(kid), algorithm, fields)

    def _write(self) -> None:
        self.pages[KEYS] = Page(json.dumps({"keys": list(self.keys.values())}).encode())
