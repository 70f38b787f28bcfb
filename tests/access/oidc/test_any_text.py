"""Whatever text comes as a token: it is refused, and nothing else happens."""

import base64
import json
import string
from functools import cache

import jwt
import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from access.errors import InvalidCredentials
from access.oidc import caller_of
from access.oidc.key_cache import KeyCache
from tests.access.local_issuer import AUDIENCE, published, rsa_key, sign

ISSUER = "https://issuer.example"
ALPHABET = string.ascii_letters + string.digits + "-_="

patient = hypothesis_settings(deadline=None)  # a busy machine proves nothing against the code

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
named = st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "RS256", "none", "HS256", "first", "iss", "sub", "exp"])
objects = st.dictionaries(named | st.text(), named | json_values)
bodies = st.binary() | json_values.map(lambda value: json.dumps(value).encode())


@cache
def keys() -> KeyCache:
    key = jwt.PyJWK(published(rsa_key("first"), "first"), "RS256")
    return KeyCache(lambda: {"first": {"RS256": key}})


def refused(token: str) -> None:
    with override_settings(OIDC_ISSUER=ISSUER, OIDC_AUDIENCE=[AUDIENCE]), pytest.raises(InvalidCredentials):
        caller_of(token, keys=keys())


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@patient
@given(st.text() | st.text(ALPHABET + "."))
def test_any_text_is_refused(token: str) -> None:
    refused(token)


@patient
@given(objects.map(lambda value: json.dumps(value).encode()) | bodies, bodies, st.binary())
def test_any_three_parts_are_refused(header: bytes, payload: bytes, signature: bytes) -> None:
    refused(f"{part(header)}.{part(payload)}.{part(signature)}")


@patient
@given(objects.map(lambda value: json.dumps(value).encode()) | bodies)
def test_any_claims_that_are_signed_all_the_same_are_refused(payload: bytes) -> None:
    refused(sign(payload, rsa_key("first"), "RS256", {"kid": "first"}))


GOOD = sign(
    json.dumps({"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": 1, "exp": 10**12}).encode(),
    rsa_key("first"),
    "RS256",
    {"kid": "first"},
)


def test_the_token_that_is_changed_below_is_a_good_one() -> None:
    with override_settings(OIDC_ISSUER=ISSUER, OIDC_AUDIENCE=[AUDIENCE]):
        assert caller_of(GOOD, keys=keys()).owner == "alice"


@hypothesis_settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.sampled_from(ALPHABET + ".\x00 "))
def test_a_good_token_with_any_character_changed_is_refused(place: int, character: str) -> None:
    if GOOD[place] != character:
        refused(GOOD[:place] + character + GOOD[place + 1 :])


@patient
@given(st.integers(0, len(GOOD) - 1))
def test_a_good_token_cut_anywhere_is_refused(length: int) -> None:
    refused(GOOD[:length])
