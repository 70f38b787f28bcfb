"""Which credentials count, in which order, and how bad ones are answered."""

import json
import logging
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest
from django.conf import settings as project
from pytest_django import Settings

from access.errors import IssuerUnavailable
from access.keys.create_key import IssuedKey, create_key
from access.keys.secret import new_secret
from access.limits.rates import parse_rate
from access.scopes import Scope
from tests.faulty_dynamodb import FaultyDynamoDB

from .cast import bearer, not_let_in
from .local_issuer import LocalIssuer

PATH = "/sessions"


@pytest.fixture(autouse=True)
def nobody_is_anonymous(settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = False


@pytest.fixture
def alice(tables: None) -> IssuedKey:
    return create_key(owner="alice", name="test", scopes=Scope)


@pytest.fixture
def bob(tables: None) -> IssuedKey:
    return create_key(owner="bob", name="test", scopes=Scope)


def owner_of(api: httpx.Client, headers: dict[str, str], owners: dict[str, str]) -> str:
    """Whose sessions these credentials show: each owner has one, with an id of their own."""
    answer = api.get(PATH, headers=headers).raise_for_status()
    (session,) = answer.json()["sessions"]
    return owners[session["session_id"]]


@pytest.fixture
def owners(api: httpx.Client, alice: IssuedKey, bob: IssuedKey, issuer: LocalIssuer) -> dict[str, str]:
    """Sessions of Alice's and Bob's keys, and of Carol, who has a token."""
    credentials = {"alice": alice.secret, "bob": bob.secret, "carol": issuer.token({"sub": "carol"})}
    for owner, secret in credentials.items():
        body = {"message": "Hi", "session_id": f"of-{owner}"}
        api.post("/chat", json=body, headers=bearer(secret)).raise_for_status()
    return {f"of-{owner}": owner for owner in credentials}


def test_a_key_is_taken_from_either_header(
    api: httpx.Client, owners: dict[str, str], alice: IssuedKey, bob: IssuedKey
) -> None:
    for headers in (
        bearer(alice.secret),
        {"Authorization": f"bearer  {alice.secret}"},
        {"X-API-Key": alice.secret},
        {"x-api-key": alice.secret},
        bearer(alice.secret) | {"X-API-Key": alice.secret},
    ):
        assert owner_of(api, headers, owners) == "alice"
    assert owner_of(api, {"X-API-Key": bob.secret}, owners) == "bob"


def test_two_different_keys_are_nobody(api: httpx.Client, alice: IssuedKey, bob: IssuedKey) -> None:
    for other in (bob.secret, new_secret(), "", alice.secret + " x"):
        assert api.get(PATH, headers=bearer(alice.secret) | {"X-API-Key": other}).status_code == 401


def test_a_token_goes_before_a_key_and_a_key_before_the_load_balancer(
    api: httpx.Client, owners: dict[str, str], alice: IssuedKey, issuer: LocalIssuer, settings: Settings
) -> None:
    settings.ALB_ARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/chatbot/50dc6c495c0c9188"
    token = bearer(issuer.token({"sub": "carol"}))
    garbage = {"X-Amzn-Oidc-Data": "garbage"}
    assert owner_of(api, token | {"X-API-Key": alice.secret}, owners) == "carol"
    assert owner_of(api, {"X-API-Key": alice.secret} | garbage, owners) == "alice"
    assert owner_of(api, token | garbage, owners) == "carol"
    assert api.get(PATH, headers=garbage).status_code == 401


def test_a_bad_token_is_not_saved_by_a_good_key(api: httpx.Client, alice: IssuedKey, issuer: LocalIssuer) -> None:
    expired = bearer(issuer.token({"exp": 1}))
    assert api.get(PATH, headers=expired | {"X-API-Key": alice.secret}).status_code == 401


def test_tokens_mean_nothing_without_an_issuer(api: httpx.Client, issuer: LocalIssuer, settings: Settings) -> None:
    headers = bearer(issuer.token({}))
    assert api.get(PATH, headers=headers).status_code == 200
    settings.OIDC_ISSUER = ""
    assert api.get(PATH, headers=headers).status_code == 401


def test_every_failure_has_the_same_answer(api: httpx.Client, issuer: LocalIssuer) -> None:
    answers = {who: api.get(PATH, headers=headers) for who, headers in not_let_in().items()}
    answers["an expired token"] = api.get(PATH, headers=bearer(issuer.token({"exp": 1})))

    for who, answer in answers.items():
        assert answer.headers["content-type"] == "application/problem+json"
        assert (who, answer.json()) == (
            who,
            {
                "type": "urn:chatbot:problem:not_authenticated",
                "title": "Not authenticated",
                "status": 401,
                "detail": "Credentials are missing or not valid.",
                "code": "not_authenticated",
                "request_id": answer.headers["x-request-id"],
            },
        )


def test_bad_credentials_are_never_anonymous(api: httpx.Client, settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = True
    means_nothing = "a header that only a load balancer may send"  # ALB_ARN is not set
    for who, headers in not_let_in().items():
        expected = 200 if who in {"no credentials", means_nothing} else 401
        assert (who, api.get(PATH, headers=headers).status_code) == (who, expected)


def test_with_nothing_configured_everything_of_the_chat_plane_is_closed(api: httpx.Client) -> None:
    for path in ("/sessions", "/history/a", "/models", "/usage"):
        assert api.get(path).status_code == 401
    assert api.post("/chat", json={"message": "Hi"}).status_code == 401


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key", "X-Amzn-Oidc-Data"])
def test_long_headers_are_refused(api: httpx.Client, settings: Settings, issuer: LocalIssuer, name: str) -> None:
    settings.ALB_ARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/chatbot/50dc6c495c0c9188"
    for value in ("Bearer " + "a" * 30_000, "cb_" + "a" * 30_000, "Bearer cb_" + "a" * 30_000, "a." * 15_000):
        assert api.get(PATH, headers={name: value}).status_code == 401


def test_nobody_can_say_is_not_a_refusal(
    api: httpx.Client, dynamodb: FaultyDynamoDB, alice: IssuedKey, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb.fault("server_error", "GetItem", times=None)
    answer = api.get("/models", headers=bearer(alice.secret))
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (503, "store_unavailable", True)

    issuer.down = True
    answer = api.get("/models", headers=bearer(issuer.token({})))
    assert (answer.status_code, answer.json()["code"]) == (503, IssuerUnavailable.code)


def test_what_was_wrong_is_in_the_log_without_the_credentials(
    api: httpx.Client, issuer: LocalIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    token = issuer.token({"exp": 1})
    sent = [*not_let_in().values(), bearer(token)]
    with caplog.at_level(logging.DEBUG):
        for headers in sent:
            api.get(PATH, headers=headers)

    said = [record.getMessage() for record in caplog.records if record.name == "access"]
    assert "not_authenticated: there is no such API key" in said
    assert "not_authenticated: the token has expired" in said
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpcore.http11")
    for headers in sent:
        for value in headers.values():
            secret = value.rpartition(" ")[2]
            assert len(secret) < 20 or secret not in logged


def test_an_address_that_fails_too_often_is_told_so_and_its_keys_are_not_looked_up(
    api: httpx.Client, dynamodb: FaultyDynamoDB, alice: IssuedKey, issuer: LocalIssuer, settings: Settings
) -> None:
    known, unknown = bearer(alice.secret), create_key(owner="alice", name="another", scopes=Scope)
    assert api.get("/models", headers=known).status_code == 200
    settings.RATE_LIMIT_FAILURES = "3/hour"
    assert parse_rate(settings.RATE_LIMIT_FAILURES).amount == 3

    failures = [{}, bearer(new_secret()), bearer("garbage")]
    assert [api.get("/models", headers=headers).status_code for headers in failures] == [401] * 3
    asked = len(dynamodb.of("GetItem"))
    for headers in (*failures, bearer(unknown.secret)):
        answer = api.get("/models", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert int(answer.headers["retry-after"]) > 0
    assert len(dynamodb.of("GetItem")) == asked

    assert api.get("/models", headers=known).status_code == 200
    assert api.get("/models", headers=bearer(issuer.token({}))).status_code == 200


def test_a_key_limits_its_own_requests(api: httpx.Client, tables: None) -> None:
    slow = create_key(owner="alice", name="slow", scopes=Scope, rate_limit="2/hour")
    answers = [api.get("/models", headers=bearer(slow.secret)).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_the_use_of_a_key_is_noted(api: httpx.Client, dynamodb: FaultyDynamoDB, alice: IssuedKey) -> None:
    for _ in range(3):
        api.get("/models", headers=bearer(alice.secret)).raise_for_status()
    writes: list[dict[str, Any]] = []
    for _ in range(500):
        writes = [
            asked.body for asked in dynamodb.of("UpdateItem") if asked.body["TableName"] == project.API_KEYS_TABLE
        ]
        if writes:
            break
        time.sleep(0.01)
    assert [write["Key"] for write in writes] == [{"KeyHash": {"S": alice.key.key_hash}}]


def test_what_is_not_configured_is_not_imported() -> None:
    """A cold start pays for PyJWT and cryptography only where tokens are accepted."""
    program = (
        "import json, sys; import chatbot_project.wsgi; from django.urls import get_resolver;"
        "get_resolver().url_patterns; print(json.dumps(sorted({'jwt', 'cryptography'} & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=project.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
