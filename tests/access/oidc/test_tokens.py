"""Which tokens are good, and whose they are."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from pytest_django import Settings

from access.callers import Caller
from access.errors import InvalidCredentials
from access.oidc import caller_of
from access.scopes import ALL_SCOPES, Scope
from tests.access.local_issuer import AUDIENCE, DISCOVERY, KEYS, LocalIssuer, PrivateKey, public_pem, rsa_key, sign

ALICE = Caller(owner="alice", scopes=ALL_SCOPES)
NOW = int(time.time())  # of collection: minutes ago when a test runs


def part(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def refusal(token: str) -> str:
    with pytest.raises(InvalidCredentials) as refused:
        caller_of(token)
    return str(refused.value)


def test_a_token_of_the_issuer_is_its_subject(issuer: LocalIssuer) -> None:
    assert caller_of(issuer.token()) == ALICE


def test_cognitos_access_token_names_its_client_and_no_audience(issuer: LocalIssuer) -> None:
    token = issuer.token(
        {"aud": None, "client_id": AUDIENCE, "token_use": "access", "username": "al", "scope": "openid"}
    )

    assert caller_of(token) == ALICE


def test_one_of_several_audiences_is_enough(issuer: LocalIssuer) -> None:
    assert caller_of(issuer.token({"aud": ["elsewhere", AUDIENCE]})) == ALICE


def test_the_issuer_may_end_in_a_slash(issuer: LocalIssuer, settings: Settings) -> None:
    settings.OIDC_ISSUER = issuer.url + "/"
    issuer.pages[DISCOVERY] = type(issuer.pages[DISCOVERY])(
        json.dumps({"issuer": issuer.url + "/", "jwks_uri": issuer.url + KEYS}).encode()
    )

    assert caller_of(issuer.token({"iss": issuer.url + "/"})) == ALICE
    assert refusal(issuer.token()) == "the token is of another issuer"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_an_rsa_key_without_alg_serves_every_rsa_algorithm(issuer: LocalIssuer, algorithm: str) -> None:
    issuer.publish("any", rsa_key("any"))

    assert caller_of(issuer.token(kid="any", algorithm=algorithm)) == ALICE


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        (ed448.Ed448PrivateKey.generate(), "EdDSA"),
    ],
)
def test_elliptic_curves_serve_the_algorithm_that_is_theirs(
    issuer: LocalIssuer, key: PrivateKey, algorithm: str
) -> None:
    issuer.publish("curve", key)

    assert caller_of(issuer.token(kid="curve", key=key, algorithm=algorithm)) == ALICE


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_access_tokens_may_say_that_they_are(issuer: LocalIssuer, typ: str) -> None:
    assert caller_of(issuer.token(headers={"typ": typ})) == ALICE


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -5), ("nbf", 10), ("iat", 10)])
def test_clocks_may_differ_a_little(issuer: LocalIssuer, claim: str, seconds: int) -> None:
    assert caller_of(issuer.token({claim: int(time.time()) + seconds})) == ALICE


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": NOW - 60}, "the token has expired"),
        ({"nbf": NOW + 9_000}, "the token is not valid yet"),
        ({"iat": NOW + 9_000}, "the token is not valid yet"),
        ({"exp": None}, "the token lacks a claim that it must have"),
        ({"iat": None}, "the token lacks a claim that it must have"),
        ({"sub": None}, "the token lacks a claim that it must have"),
        ({"exp": "soon"}, "the token cannot be read"),
        ({"exp": [NOW + 300]}, "the token cannot be read"),
        ({"iss": "https://evil.example"}, "the token is of another issuer"),
        ({"aud": "elsewhere"}, "the token is for another audience"),
        ({"aud": ["elsewhere"]}, "the token is for another audience"),
        ({"aud": []}, "the token is for another audience"),
        ({"aud": {"a": AUDIENCE}}, "the token is for another audience"),
        ({"aud": None}, "the token is for another audience"),
        ({"aud": "elsewhere", "client_id": AUDIENCE}, "the token is for another audience"),
        ({"aud": None, "client_id": "elsewhere"}, "the token is for another audience"),
        ({"aud": None, "azp": AUDIENCE}, "the token is for another audience"),
        ({"token_use": "id"}, "the token's token_use is not the one that is accepted"),
        ({"token_use": ["access"]}, "the token's token_use is not the one that is accepted"),
    ],
)
def test_refuses_claims_that_are_not_for_us_now(issuer: LocalIssuer, claims: dict[str, Any], said: str) -> None:
    assert refusal(issuer.token(claims)) == said


def test_refuses_a_token_of_no_issuer(issuer: LocalIssuer) -> None:
    assert refusal(issuer.token({"iss": None})) == "the token lacks a claim that it must have"


def test_an_id_token_is_accepted_where_the_setting_says_so(issuer: LocalIssuer, settings: Settings) -> None:
    settings.OIDC_TOKEN_USE = "id"

    assert caller_of(issuer.token({"token_use": "id"})) == ALICE
    assert refusal(issuer.token({"token_use": "access"})) == "the token's token_use is not the one that is accepted"


@pytest.mark.parametrize(
    "subject", ["", "a" * 256, "a b", "a\x00", "a\n", "ünï", "\ud800", "anonymous", 7, ["alice"], {"a": 1}]
)
def test_refuses_a_subject_that_cannot_be_an_owner(issuer: LocalIssuer, subject: object) -> None:
    with pytest.raises(InvalidCredentials):
        caller_of(issuer.token({"sub": subject}))


@pytest.mark.parametrize("subject", ["a", "~" * 255, "auth0|5f7c", "https://idp.example/u#1"])
def test_a_subject_is_kept_exactly(issuer: LocalIssuer, subject: str) -> None:
    assert caller_of(issuer.token({"sub": subject})).owner == subject


def test_refuses_alg_none(issuer: LocalIssuer) -> None:
    body = part(issuer.claims())

    for alg in ("none", "None", "NONE", ""):
        assert "alg" in refusal(f"{part({'alg': alg, 'kid': 'first'})}.{body}.{part(b'x')}")
    assert refusal(f"{part({'alg': 'none', 'kid': 'first'})}.{body}.") == "the token is not three parts of base64url"


@pytest.mark.parametrize("secret", ["pem", "modulus", "empty"])
def test_refuses_a_public_key_used_as_a_shared_secret(issuer: LocalIssuer, secret: str) -> None:
    issuer.publish("any", rsa_key("any"))
    secrets = {"pem": public_pem(rsa_key("any")), "modulus": issuer.keys["any"]["n"].encode(), "empty": b""}
    signed = f"{part({'alg': 'HS256', 'kid': 'any'})}.{part(issuer.claims())}"
    token = f"{signed}.{part(hmac.digest(secrets[secret], signed.encode(), hashlib.sha256))}"

    assert refusal(token) == "the token's alg is not an asymmetric one"


def test_refuses_a_shared_secret_even_where_the_issuer_publishes_one(issuer: LocalIssuer) -> None:
    secret = b"0123456789abcdef0123456789abcdef"
    issuer.publish_as_it_is({"kty": "oct", "k": part(secret), "kid": "shared"})
    token = jwt.encode(issuer.claims(), secret, "HS256", headers={"kid": "shared"})

    assert refusal(token) == "the token's alg is not an asymmetric one"


def test_refuses_another_algorithm_than_the_keys_own(issuer: LocalIssuer) -> None:
    assert refusal(issuer.token(algorithm="RS512")) == "the token's alg is not its key's"


def test_refuses_a_key_of_another_type_under_the_right_kid(issuer: LocalIssuer) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())

    assert refusal(issuer.token(kid="first", key=curve, algorithm="ES256")) == "the token's alg is not its key's"


def test_refuses_another_key_under_the_right_kid(issuer: LocalIssuer) -> None:
    assert refusal(issuer.token(kid="first", key=rsa_key("stranger"))) == "the token's signature is wrong"


def test_refuses_a_signature_taken_from_another_token(issuer: LocalIssuer) -> None:
    header, _, signature = issuer.token().split(".")

    assert refusal(f"{header}.{part(issuer.claims({'sub': 'bob'}))}.{signature}") == "the token's signature is wrong"


def test_refuses_a_key_that_is_too_short(issuer: LocalIssuer) -> None:
    issuer.publish("short", rsa_key("short", 1024))
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = issuer.token(kid="short", key=rsa_key("short", 1024))

    assert refusal(token) == "the token's key is too short"


@pytest.mark.parametrize(
    "fields",
    [{"use": "enc"}, {"key_ops": ["sign"]}, {"alg": "RSA-OAEP"}, {"alg": "HS256"}, {"kty": "EC"}],
)
def test_refuses_keys_that_are_not_for_signatures(issuer: LocalIssuer, fields: dict[str, Any]) -> None:
    issuer.publish("odd", rsa_key("odd"), **fields)

    assert refusal(issuer.token(kid="odd")) == "the token names a key that its issuer does not publish"


def test_refuses_a_key_whose_private_half_is_published(issuer: LocalIssuer) -> None:
    both = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key("leaked"), as_dict=True)
    issuer.publish_as_it_is(both | {"kid": "leaked", "key_ops": ["verify"]})

    assert refusal(issuer.token(kid="leaked")) == "the token names a key that its issuer does not publish"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"crit": ["b64"], "b64": True}, "the token's header has a field crit"),
        ({"crit": ["policy"], "policy": "any"}, "the token's header cannot be read"),
        ({"crit": []}, "the token's header cannot be read"),
        ({"typ": "logout+jwt"}, "the token's typ is not that of an access or ID token"),
        ({"typ": "secevent+jwt"}, "the token's typ is not that of an access or ID token"),
    ],
)
def test_refuses_headers_that_say_the_token_is_something_else(
    issuer: LocalIssuer, headers: dict[str, Any], said: str
) -> None:
    signed = f"{part({'alg': 'RS256', 'kid': 'first', **headers})}.{part(issuer.claims())}"
    signature = rsa_key("first").sign(signed.encode(), PKCS1v15(), SHA256())

    assert refusal(f"{signed}.{part(signature)}") == said


def test_refuses_a_detached_payload(issuer: LocalIssuer) -> None:
    signed = f"{part({'alg': 'RS256', 'kid': 'first', 'b64': False, 'crit': ['b64']})}..{part(b'x')}"

    assert refusal(signed) == "the token is not three parts of base64url"
    with_b64 = f"{part({'alg': 'RS256', 'kid': 'first', 'b64': True})}.{part({})}.{part(b'x')}"
    assert refusal(with_b64) == "the token's header has a field b64"


def test_keys_that_a_token_brings_along_are_never_used(issuer: LocalIssuer) -> None:
    stranger = rsa_key("stranger")
    own = {"jwk": issuer.keys["first"] | {"n": part(b"n")}, "jku": issuer.url + "/own", "x5u": issuer.url + "/own"}

    assert refusal(issuer.token(key=stranger, headers=own)) == "the token's signature is wrong"
    assert caller_of(issuer.token(headers=own)) == ALICE
    assert issuer.requests == [DISCOVERY, KEYS]


@pytest.mark.parametrize("header", [{"kid": "first"}, {"alg": 5, "kid": "first"}, {"alg": ["RS256"], "kid": "first"}])
def test_refuses_a_header_without_alg(issuer: LocalIssuer, header: dict[str, Any]) -> None:
    assert refusal(f"{part(header)}.{part(issuer.claims())}.{part(b'x')}") == "the token's header has no alg"


@pytest.mark.parametrize("kid", [None, 5, {"a": 1}])
def test_refuses_a_header_without_kid(issuer: LocalIssuer, kid: object) -> None:
    token = f"{part({'alg': 'RS256', 'kid': kid})}.{part(issuer.claims())}.{part(b'x')}"

    assert refusal(token) in {"the token's header has no kid", "the token's header cannot be read"}


def test_a_huge_token_is_refused_unread(issuer: LocalIssuer) -> None:
    assert refusal(issuer.token({"filler": "x" * 8_192})) == "the token is longer than 8192 characters"
    assert refusal("x" * 10_000_000) == "the token is longer than 8192 characters"
    assert issuer.requests == []


def test_deep_nesting_is_refused(issuer: LocalIssuer) -> None:
    deep = b"[" * 2_900 + b"]" * 2_900

    assert refusal(f"{part(deep)}.{part({})}.{part(b'x')}") == "the token's header cannot be read"


def test_deep_nesting_in_a_signed_payload_is_refused(issuer: LocalIssuer) -> None:
    token = sign(b"[" * 2_700 + b"]" * 2_700, rsa_key("first"), "RS256", {"kid": "first"})

    assert refusal(token) == "the token cannot be read"


@pytest.mark.parametrize("payload", [b"", b"[]", b'"text"', b"null", b"\xff\xfe", b"{" * 10, b'{"exp": 1e999}'])
def test_a_signed_payload_that_is_no_object_is_refused(issuer: LocalIssuer, payload: bytes) -> None:
    token = sign(payload, rsa_key("first"), "RS256", {"kid": "first"})

    with pytest.raises(InvalidCredentials):
        caller_of(token)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", "a.b.c.d", "a b.c.d", "\x00.\x00.\x00", "\ud800.a.b", "é.é.é", "a.b.c\n", "=.=.="]
)
def test_garbage_is_refused_without_asking_the_issuer(issuer: LocalIssuer, token: str) -> None:
    with pytest.raises(InvalidCredentials):
        caller_of(token)
    assert issuer.requests == []


def test_nobody_is_let_in_while_no_issuer_is_set(issuer: LocalIssuer, settings: Settings) -> None:
    settings.OIDC_ISSUER = ""

    assert refusal(issuer.token()) == "tokens are not accepted: OIDC_ISSUER is not set"


def test_nobody_is_let_in_while_no_audience_is_set(issuer: LocalIssuer, settings: Settings) -> None:
    settings.OIDC_AUDIENCE = []

    assert refusal(issuer.token()) == "the token is for another audience"


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        (["staff"], {Scope.CHAT, Scope.HISTORY_READ}),
        (["auditors", "staff", "unknown"], {Scope.CHAT, Scope.HISTORY_READ, Scope.MODELS}),
        ("staff auditors", {Scope.CHAT, Scope.HISTORY_READ, Scope.MODELS}),
        (["unknown"], set()),
        ([], set()),
        ("", set()),
        (None, set()),
    ],
)
def test_groups_give_scopes_where_the_setting_says_which(
    issuer: LocalIssuer, settings: Settings, claim: object, scopes: set[Scope]
) -> None:
    settings.OIDC_GROUP_SCOPES = {"staff": "chat+history:read", "auditors": "history:read+models"}

    assert caller_of(issuer.token({"cognito:groups": claim})) == Caller(owner="alice", scopes=frozenset(scopes))


def test_groups_may_stand_in_another_claim(issuer: LocalIssuer, settings: Settings) -> None:
    settings.OIDC_GROUP_SCOPES = {"staff": "chat"}
    settings.OIDC_GROUPS_CLAIM = "roles"

    assert caller_of(issuer.token({"roles": ["staff"]})).scopes == {Scope.CHAT}
    assert caller_of(issuer.token({"cognito:groups": ["staff"]})).scopes == frozenset()


@pytest.mark.parametrize("claim", [5, {"staff": True}, [["staff"]], ["staff", None]])
def test_refuses_groups_of_a_shape_that_says_nothing(issuer: LocalIssuer, settings: Settings, claim: object) -> None:
    settings.OIDC_GROUP_SCOPES = {"staff": "chat"}

    assert refusal(issuer.token({"cognito:groups": claim})).startswith("the token's groups are neither")
