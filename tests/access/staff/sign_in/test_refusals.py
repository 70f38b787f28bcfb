"""Answers that are forged, stale, somebody else's or none at all open no account; an issuer that is away says so."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from access.staff.sign_in import issuer as module
from access.tokens import fetching
from tests.access.local_issuer import DISCOVERY, KEYS, public_pem, rsa_key
from tests.access.publisher import Page

from .conftest import BEGIN, CALLBACK, at_the_issuer, there_and_back
from .staff_issuer import CLIENT_ID, CLIENT_SECRET, StaffIssuer

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer  # the stubs' name for what a Client returns

NOW = int(time.time())


def assert_not_signed_in(visitor: Client, answer: "Answer", status: int = 400) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert User.objects.count() == 0
    assert visitor.get("/admin/").status_code == 302


def altered(address: str, **changes: str | None) -> str:
    """An answer of the issuer's with other values in its query; None takes one away."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | changes
    return f"{parts.path}?{urlencode({name: value for name, value in query.items() if value is not None})}"


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 7},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": []},
        {"aud": 7},
        {"aud": ["another-client"], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": NOW - 3600},
        {"exp": None},
        {"iat": None},
        {"iat": NOW + 3600},
        {"nbf": NOW + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a b"},
        {"token_use": "access"},
        {"cognito:groups": {"chat-support": True}},
        {"cognito:groups": [7]},
    ],
)
def test_an_id_token_that_says_something_else_is_refused(
    issuer: StaffIssuer, visitor: Client, changes: dict[str, object]
) -> None:
    issuer.changes = changes
    assert_not_signed_in(visitor, there_and_back(visitor))

    issuer.changes = {"aud": [CLIENT_ID, "another-client"], "azp": CLIENT_ID, "token_use": "id"}
    assert there_and_back(visitor).status_code == 302


@pytest.mark.parametrize(
    "signing",
    [
        {"key": rsa_key("forged")},
        {"kid": "unknown"},
        {"algorithm": "RS384"},
        {"algorithm": "ES256", "key": ec.generate_private_key(ec.SECP256R1())},
        {"headers": {"typ": "at+jwt"}},
        {"headers": {"typ": "logout+jwt"}},
        {"headers": {"crit": ["x"], "x": 1}},
    ],
)
def test_an_id_token_that_is_signed_otherwise_is_refused(
    issuer: StaffIssuer, visitor: Client, signing: dict[str, Any]
) -> None:
    issuer.signing = signing

    assert_not_signed_in(visitor, there_and_back(visitor))


def _unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "first"})


def _with_the_clients_secret(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, CLIENT_SECRET.ljust(64), algorithm="HS256", headers={"kid": "first"})


def _with_the_public_key(claims: dict[str, Any]) -> str:
    # PyJWT would not sign with what looks like a public key.
    import hmac
    from base64 import urlsafe_b64encode

    def part(value: bytes) -> bytes:
        return urlsafe_b64encode(value).rstrip(b"=")

    signed = part(b'{"alg":"HS256","kid":"first"}') + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(hmac.digest(public_pem(rsa_key("first")), signed, "sha256"))).decode()


@pytest.mark.parametrize("forge", [_unsigned, _with_the_clients_secret, _with_the_public_key])
def test_an_id_token_cannot_choose_how_it_is_verified(
    issuer: StaffIssuer, visitor: Client, forge: Callable[[dict[str, Any]], str]
) -> None:
    address = at_the_issuer(visitor)
    asked = next(iter(issuer.codes.values()))
    claims = issuer.claims({"aud": CLIENT_ID, "nonce": asked.query["nonce"]} | asked.claims)
    issuer.answer = {"id_token": forge(claims)}

    assert_not_signed_in(visitor, visitor.get(address))


@pytest.mark.parametrize(
    "answer",
    [{}, {"id_token": None}, {"id_token": 7}, {"id_token": "eyJ"}, {"id_token": "a" * 100_000}, {"error": "x"}],
)
def test_an_answer_without_an_id_token_is_refused(
    issuer: StaffIssuer, visitor: Client, answer: dict[str, object]
) -> None:
    issuer.answer = answer

    assert_not_signed_in(visitor, there_and_back(visitor))


def test_an_elliptic_key_is_as_good(issuer: StaffIssuer, visitor: Client) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer.publish("curve", key, use="sig")
    issuer.signing = {"kid": "curve", "key": key, "algorithm": "ES256"}

    assert there_and_back(visitor).status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "another"},
        {"state": None},
        {"state": ""},
        {"code": None},
        {"code": "guessed"},
        {"iss": "https://evil.example"},
        {"iss": ""},
        {"code": None, "error": "access_denied"},
        {"error": "access_denied"},
        {"code": None, "error": "<script>"},
    ],
)
def test_an_answer_that_was_altered_is_refused(
    issuer: StaffIssuer, visitor: Client, changes: dict[str, str | None]
) -> None:
    answer = visitor.get(altered(at_the_issuer(visitor), **changes))

    assert "<script>" not in answer.content.decode()
    assert_not_signed_in(visitor, answer)


def test_an_answer_works_once(issuer: StaffIssuer, visitor: Client) -> None:
    address = at_the_issuer(visitor)
    assert visitor.get(address).status_code == 302
    visitor.post("/admin/logout/")

    assert visitor.get(address).status_code == 400
    assert len(issuer.forms) == 1, "the issuer was asked again"


def test_a_code_works_once_whoever_brings_it(issuer: StaffIssuer, visitor: Client) -> None:
    """A code that was stolen is used up, and PKCE ties it to the browser that asked."""
    stolen = dict(parse_qsl(urlsplit(at_the_issuer(visitor)).query))["code"]
    thief = Client()
    answer = thief.get(altered(at_the_issuer(thief), code=stolen))

    assert_not_signed_in(thief, answer)
    assert issuer.forms[0]["code"] == stolen


def test_an_answer_is_for_the_browser_that_asked(issuer: StaffIssuer, visitor: Client) -> None:
    address = at_the_issuer(visitor)
    victim = Client()

    assert_not_signed_in(victim, victim.get(address))
    assert issuer.forms == []


def test_an_answer_that_comes_too_late_is_refused(
    issuer: StaffIssuer, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = at_the_issuer(visitor)
    monkeypatch.setattr("access.staff.sign_in.views.ANSWER_SECONDS", -1)

    assert_not_signed_in(visitor, visitor.get(address))


def test_an_issuer_that_names_itself_in_answers_must_do_so(issuer: StaffIssuer, visitor: Client) -> None:
    issuer.describe(authorization_response_iss_parameter_supported=True)
    assert_not_signed_in(visitor, there_and_back(visitor))

    assert visitor.get(altered(at_the_issuer(visitor), iss=issuer.url)).status_code == 302


@pytest.mark.parametrize("query", [{}, {"error": "x"}, {"error": "x", "state": "y"}, {"code": "x", "state": "y"}])
def test_a_link_of_a_strangers_signs_nobody_out(issuer: StaffIssuer, visitor: Client, query: dict[str, str]) -> None:
    there_and_back(visitor)

    assert visitor.get(CALLBACK, query).status_code == 400
    assert visitor.get("/admin/").status_code == 200


@pytest.mark.parametrize("address", [BEGIN, CALLBACK])
def test_a_form_of_another_site_begins_nothing(issuer: StaffIssuer, visitor: Client, address: str) -> None:
    assert visitor.post(address).status_code == 405
    assert issuer.requests == []


@pytest.mark.parametrize(
    ("path", "strange"),
    [
        ("/token", Page(b"", 500)),
        ("/token", Page(b"", 302, {"Location": "/elsewhere"})),
        ("/token", Page(b"", 307, {"Location": "/elsewhere"})),
        (KEYS, Page(b"", 500)),
        (KEYS, Page(b'{"keys": []}')),
    ],
)
def test_an_issuer_that_fails_while_somebody_comes_back_is_unavailable(
    issuer: StaffIssuer, visitor: Client, path: str, strange: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = at_the_issuer(visitor)
    if path == "/token":
        monkeypatch.setattr(issuer, "redeem", lambda *_: strange)
    issuer.pages[path] = strange

    assert_not_signed_in(visitor, visitor.get(address), 503)
    assert "/elsewhere" not in issuer.requests


@pytest.mark.parametrize("strange", [Page(b"not json"), Page(b"[]"), Page(b"[" * 100_000), Page(b"\xff")])
def test_a_token_endpoint_that_answers_nonsense_signs_nobody_in(
    issuer: StaffIssuer, visitor: Client, strange: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "redeem", lambda *_: strange)

    assert_not_signed_in(visitor, there_and_back(visitor))


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
    ],
)
def test_a_discovery_document_leads_nowhere_else(
    issuer: StaffIssuer, visitor: Client, document: dict[str, object]
) -> None:
    issuer.describe(**document)

    assert_not_signed_in(visitor, visitor.get(BEGIN), 503)


def test_a_wrong_secret_of_ours_is_in_the_log(
    issuer: StaffIssuer, visitor: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STAFF_OIDC_CLIENT_SECRET = "not-the-one"

    assert_not_signed_in(visitor, there_and_back(visitor))
    assert "the issuer did not redeem the code: invalid_client" in caplog.text
    assert "not-the-one" not in caplog.text


def test_with_the_issuer_away_passwords_work(issuer: StaffIssuer, visitor: Client) -> None:
    User.objects.create_user("bob", password="a-long-enough-password", is_staff=True)
    issuer.down = True
    answer = visitor.get(BEGIN)

    assert (answer.status_code, "Example ID cannot be reached" in answer.content.decode()) == (503, True)
    assert "password works meanwhile" in answer.content.decode()
    form = {"username": "bob", "password": "a-long-enough-password", "next": "/admin/"}
    assert visitor.get("/admin/login/").status_code == 200
    assert visitor.post("/admin/login/", form).status_code == 302
    assert visitor.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", [DISCOVERY, "/token", KEYS])
def test_an_issuer_that_does_not_answer_is_given_up(
    issuer: StaffIssuer, visitor: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(fetching, "FORM_TIMEOUT_SECONDS", 0.2)
    address = at_the_issuer(visitor)
    module._endpoints.clear() if path == DISCOVERY else None
    arrived = issuer.arrived

    def held(asked: str) -> Page | None:
        issuer.open.clear() if asked == path else issuer.open.set()
        return arrived(asked)

    monkeypatch.setattr(issuer, "arrived", held)
    assert_not_signed_in(visitor, visitor.get(BEGIN if path == DISCOVERY else address), 503)


def test_nothing_that_opens_an_account_is_logged(
    issuer: StaffIssuer, visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    addresses = [at_the_issuer(visitor) for _ in range(3)]
    asked = [dict(parse_qsl(urlsplit(address).query)) for address in addresses]
    nonces = [each.query["nonce"] for each in issuer.codes.values()]
    visitor.get(addresses[0])
    issuer.changes = {"nonce": "another"}
    visitor.get(addresses[1])
    issuer.changes = {"cognito:groups": []}
    visitor.get(addresses[2])

    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )
    said = [*(query[name] for query in asked for name in ("code", "state")), *nonces]
    said += [CLIENT_SECRET, "secret-access-token", "eyJ", "5b1f-alice", "alice"]
    said += [form["code_verifier"] for form in issuer.forms]
    assert "came to nothing: the ID token answers another request" in ours
    assert [text for text in said if text in ours] == []
