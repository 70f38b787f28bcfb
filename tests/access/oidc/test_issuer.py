"""An issuer that publishes something strange, slowly, or from somewhere else, and what becomes of its keys."""

import json
from typing import Any

import pytest
from pytest_django import Settings

from access.callers import Caller
from access.errors import IssuerUnavailable
from access.oidc import caller_of
from access.oidc.issuer import fetch_keys
from access.scopes import ALL_SCOPES
from access.tokens import fetching
from tests.access.local_issuer import DISCOVERY, KEYS, LocalIssuer
from tests.access.publisher import Page

ALICE = Caller(owner="alice", scopes=ALL_SCOPES)


def discovery(issuer: LocalIssuer, changes: dict[str, object]) -> Page:
    return Page(json.dumps({"issuer": issuer.url, "jwks_uri": issuer.url + KEYS} | changes).encode())


def test_keys_may_be_published_in_pieces_without_a_length(issuer: LocalIssuer) -> None:
    body = issuer.pages[KEYS].body
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:100], body[100:], b""))
    issuer.pages[KEYS] = Page(pieces, headers={"Transfer-Encoding": "chunked"})

    assert caller_of(issuer.token()) == ALICE


@pytest.mark.parametrize(
    "strange",
    [
        Page(b"", 500),
        Page(b"", 404),
        Page(b"", 403),
        Page(b"not json"),
        Page(b"[]"),
        Page(b"\xff\xfe"),
        Page(b"[" * 100_000),
        Page(b'{"keys": []}'),
        Page(b'{"keys": 5}'),
        Page(b"{}"),
        Page(b'{"keys": [{"kid": "first"}, {"kty": "RSA", "kid": "first"}, null, 7]}'),
        Page(b"{", headers={"Content-Length": "100"}),
        Page(b"", 302, {"Location": "/elsewhere"}),
    ],
)
@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_strange_answers_are_no_keys(issuer: LocalIssuer, path: str, strange: Page) -> None:
    issuer.pages["/elsewhere"] = issuer.pages[path]
    issuer.pages[path] = strange

    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token())
    assert "/elsewhere" not in issuer.requests


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "http://evil.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://"},
        {"jwks_uri": "http://127.0.0.1@evil.example/keys"},
        {"jwks_uri": "http://[::1"},
    ],
)
def test_a_discovery_document_cannot_send_us_elsewhere(issuer: LocalIssuer, changes: dict[str, object]) -> None:
    issuer.pages[DISCOVERY] = discovery(issuer, changes)

    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token())
    assert issuer.requests == [DISCOVERY]


def test_keys_are_not_fetched_without_tls_even_from_who_would_answer(issuer: LocalIssuer) -> None:
    # 0.0.0.0 reaches the same server, and is not among the names that may do without TLS.
    issuer.pages[DISCOVERY] = discovery(issuer, {"jwks_uri": f"http://0.0.0.0:{issuer.server_address[1]}{KEYS}"})

    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token())
    assert issuer.requests == [DISCOVERY]


def test_an_issuer_without_tls_is_not_asked(issuer: LocalIssuer, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://issuer.example"

    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token({"iss": "http://issuer.example"}))


def test_an_issuer_that_nobody_answers_for_is_unavailable(issuer: LocalIssuer, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:1"

    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token())


def test_an_issuer_that_does_not_answer_is_given_up(issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 0.2)
    issuer.open.clear()

    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token())


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_an_answer_that_is_too_long_is_not_read(issuer: LocalIssuer, path: str) -> None:
    body = issuer.pages[path].body
    issuer.pages[path] = Page(body.ljust(fetching.MAX_BYTES))
    assert caller_of(issuer.token()) == ALICE

    issuer.pages[path] = Page(body.ljust(fetching.MAX_BYTES + 1))
    with pytest.raises(IssuerUnavailable):
        fetch_keys(issuer.url)


def test_an_issuer_that_answers_drop_by_drop_is_given_up(issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 0.2)
    issuer.pages[KEYS] = Page(issuer.pages[KEYS].body, seconds_between_bytes=0.02)

    with pytest.raises(IssuerUnavailable):
        caller_of(issuer.token())


@pytest.mark.parametrize(
    "odd",
    [
        {"kty": "RSA", "kid": "odd", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "kid": "odd", "n": "!", "e": "AQAB"},
        {"kty": ["RSA"], "kid": "odd"},
        {"kty": "EC", "crv": "P-256", "kid": "odd", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": {"a": 1}, "kid": "odd"},
        {"kty": "OKP", "crv": "Ed25519", "kid": "odd", "x": None},
        {"kty": "RSA", "kid": "odd", "key_ops": 5},
        {"kty": "unheard of", "kid": "odd"},
    ],
)
def test_a_key_that_cannot_be_read_takes_nothing_from_the_others(issuer: LocalIssuer, odd: dict[str, Any]) -> None:
    issuer.publish_as_it_is(odd)

    assert caller_of(issuer.token()) == ALICE
