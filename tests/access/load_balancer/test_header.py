"""Which headers of a load balancer are good, and whose they are."""

import logging
import time
import traceback
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from access.callers import Caller
from access.errors import AccessError, InvalidCredentials
from access.load_balancer import caller_of
from access.load_balancer.public_keys import PublicKeys
from access.scopes import ALL_SCOPES, Scope
from tests.access.local_issuer import public_pem, rsa_key
from tests.access.publisher import Page, Publisher

from .signing import ARN, ISSUER, KEY, KID, STRANGER, header

ALICE = Caller(owner="alice", scopes=ALL_SCOPES)
NOW = int(time.time())  # of collection: minutes ago when a test runs


def refusal(value: str, keys: PublicKeys) -> str:
    with pytest.raises(InvalidCredentials) as refused:
        caller_of(value, keys=keys)
    return str(refused.value)


def test_a_header_of_the_load_balancer_is_its_users(keys: PublicKeys, publisher: Publisher) -> None:
    for _ in range(3):
        assert caller_of(header(), keys=keys) == ALICE

    assert publisher.requests == [f"/{KID}"]


@pytest.mark.parametrize("length", range(4))
def test_padding_of_any_length_is_no_harm(keys: PublicKeys, length: int) -> None:
    value = header({"name": "x" * length}, fields={"note": "x" * length})

    assert caller_of(value, keys=keys) == ALICE


def test_padding_may_be_missing(keys: PublicKeys) -> None:
    claims = {"sub": "alice"}
    fields = {"kid": KID, "client": "another-client", "signer": ARN, "exp": int(time.time()) + 120}

    assert caller_of(jwt.encode(claims, KEY, "ES256", headers=fields), keys=keys) == ALICE


def test_claims_may_be_as_long_as_the_load_balancer_sends_them(keys: PublicKeys) -> None:
    assert caller_of(header({"note": "x" * 11_000}), keys=keys) == ALICE
    assert refusal(header({"note": "x" * 13_000}), keys) == "the token is longer than 16384 characters"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"signer": ARN.replace("50dc", "60dc")}, "the load balancer's header is signed by another load balancer"),
        ({"signer": None}, "the load balancer's header is signed by another load balancer"),
        ({"signer": [ARN]}, "the load balancer's header is signed by another load balancer"),
        ({"client": "another-app"}, "the load balancer's header is for another client"),
        ({"client": None}, "the load balancer's header is for another client"),
        ({"client": ["the-load-balancers-client"]}, "the load balancer's header is for another client"),
        ({"exp": NOW - 60}, "the load balancer's header has expired"),
        ({"exp": None}, "the load balancer's header has expired"),
        ({"exp": "never"}, "the load balancer's header has expired"),
        ({"exp": float("nan")}, "the load balancer's header has expired"),
        ({"alg": "none"}, "the load balancer's header is not signed with ES256"),
        ({"alg": "HS256"}, "the load balancer's header is not signed with ES256"),
        ({"alg": "ES384"}, "the load balancer's header is not signed with ES256"),
        ({"crit": ["b64"], "b64": True}, "the token's header has a field crit"),
    ],
)
def test_refuses_fields_that_are_not_for_us_now(
    keys: PublicKeys, publisher: Publisher, fields: dict[str, Any], said: str
) -> None:
    assert refusal(header(fields=fields), keys) == said
    assert publisher.requests == []


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "../secrets",
        "12345678",
        KID.upper(),
        KID + "/..",
        KID + "\n",
        "?" + KID,
        KID.replace("1", "\uff11", 1),
        "x" * 99,
    ],
)
def test_a_key_id_that_could_lead_elsewhere_is_not_asked_for(keys: PublicKeys, publisher: Publisher, kid: str) -> None:
    said = "the load balancer's header names a key that does not look like one"

    assert refusal(header(fields={"kid": kid}), keys) == said
    assert publisher.requests == []


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"sub": None}, "the token lacks a claim that it must have"),
        ({"sub": "anonymous"}, "the token's sub is anonymous, which is nobody's"),
        ({"sub": "a b"}, "the token's sub is not a text of 1 to 255 visible ASCII characters"),
        ({"exp": NOW - 60}, "the token has expired"),
        ({"nbf": NOW + 6_000}, "the token is not valid yet"),
    ],
)
def test_refuses_claims_that_name_nobody_now(keys: PublicKeys, claims: dict[str, Any], said: str) -> None:
    assert refusal(header(claims), keys) == said


def test_refuses_a_strangers_signature(keys: PublicKeys) -> None:
    assert refusal(header(key=STRANGER), keys) == "the token's signature is wrong"


def test_refuses_claims_taken_from_another_header(keys: PublicKeys) -> None:
    head, _, signature = header().split(".")
    _, claims, _ = header({"sub": "bob"}).split(".")

    assert refusal(f"{head}.{claims}.{signature}", keys) == "the token's signature is wrong"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no key",
        public_pem(rsa_key("first")),
        public_pem(ec.generate_private_key(ec.SECP384R1())),
        b"-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n",
    ],
)
def test_refuses_a_key_that_is_none_of_a_load_balancer(keys: PublicKeys, publisher: Publisher, body: bytes) -> None:
    publisher.pages[f"/{KID}"] = Page(body)

    assert refusal(header(), keys) == "the load balancer's header names a key that does not exist"


@pytest.mark.parametrize("arn", ["", "*", "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/x/1"])
def test_nobody_is_let_in_while_no_load_balancer_is_set(keys: PublicKeys, settings: Settings, arn: str) -> None:
    settings.ALB_ARN = arn

    with pytest.raises(InvalidCredentials, match="ALB_ARN is not set"):
        caller_of(header(fields={"signer": arn}))


def test_nobody_is_let_in_while_no_client_is_set(keys: PublicKeys, settings: Settings) -> None:
    settings.ALB_CLIENT_IDS = []

    assert refusal(header(), keys) == "the load balancer's header is for another client"


def test_the_issuer_is_the_one_of_the_tokens_where_both_are_accepted(keys: PublicKeys, settings: Settings) -> None:
    settings.OIDC_ISSUER = ISSUER
    assert caller_of(header(), keys=keys) == ALICE

    settings.OIDC_ISSUER = "https://issuer.example"
    assert refusal(header(), keys) == "the load balancer's header is of another issuer than OIDC_ISSUER"


def test_groups_give_scopes_where_the_setting_says_which(keys: PublicKeys, settings: Settings) -> None:
    settings.OIDC_GROUP_SCOPES = {"staff": "chat"}

    assert caller_of(header({"cognito:groups": ["staff"]}), keys=keys).scopes == {Scope.CHAT}
    assert caller_of(header(), keys=keys).scopes == frozenset()


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_=."))
def test_any_text_is_refused(keys: PublicKeys, value: str) -> None:
    with pytest.raises(InvalidCredentials):
        caller_of(value, keys=keys)


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["kid", "exp", "iss", "typ"]), st.text() | st.integers() | st.floats()))
def test_any_fields_are_refused(keys: PublicKeys, fields: dict[str, Any]) -> None:
    with pytest.raises(AccessError):
        caller_of(header(fields=fields, key=STRANGER), keys=keys)


def test_refusals_say_nothing_of_the_header(
    keys: PublicKeys, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "a-word-that-only-the-header-holds"
    strangers = [
        secret,
        *(header({"sub": secret}, fields={name: secret}) for name in ("kid", "client", "signer", "alg")),
    ]
    values = [*strangers, header({"sub": secret}, key=STRANGER), header({"sub": secret, "exp": 1})]

    for value in values:
        with pytest.raises(AccessError) as refused:
            caller_of(value, keys=keys)
        told = "".join(traceback.format_exception(refused.value)) + repr(refused.value)
        assert secret not in told
        assert not [part for part in value.split(".") if part in told]
    publisher.down = True
    with pytest.raises(AccessError):
        caller_of(header({"sub": secret}, fields={"kid": KID.replace("1", "2")}), keys=keys)
    assert secret not in caplog.text
