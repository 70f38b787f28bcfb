"""A load balancer on this machine: it signs headers as an ALB does, base64 padding and all."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.access.local_issuer import public_pem
from tests.access.publisher import Page, Publisher

ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/chatbot/50dc6c495c0c9188"
CLIENT = "the-load-balancers-client"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool"
KID = "12345678-90ab-cdef-1234-567890abcdef"
KEY = generate_private_key(SECP256R1())
STRANGER = generate_private_key(SECP256R1())


def publish(publisher: Publisher, kid: str = KID, key: EllipticCurvePrivateKey = KEY) -> None:
    publisher.pages[f"/{kid}"] = Page(public_pem(key))


def header(
    claims: Mapping[str, Any] | None = None,
    *,
    fields: Mapping[str, Any] | None = None,
    key: EllipticCurvePrivateKey = KEY,
) -> str:
    """The value of x-amzn-oidc-data. A change to None takes a claim or a field away."""
    now = int(time.time())
    head = {"typ": "JWT", "kid": KID, "alg": "ES256", "iss": ISSUER, "client": CLIENT, "signer": ARN, "exp": now + 120}
    body = {"sub": "alice", "email": "alice@example.org", "username": "alice", "exp": now + 120, "iss": ISSUER}
    signed = f"{_part(_changed(head, fields))}.{_part(_changed(body, claims))}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _changed(usual: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in {**usual, **(changes or {})}.items() if value is not None}


def _part(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
