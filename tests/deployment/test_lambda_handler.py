"""The handler in this process: what each kind of event says differently, and what it may not be misread as."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from pytest_django import Settings

from access.keys.create_key import create_key
from access.scopes import Scope
from access.store import api_keys
from deployment.lambda_handler import handler
from tests.deployment.lambda_runtime.answers import Answer, read
from tests.events import KINDS, recorded, variant
from tests.scripted_bedrock import ScriptedBedrock

GATEWAYS_OWN_NAME = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


@dataclass
class Context:
    """What Lambda hands to a function beside its event."""

    aws_request_id: str = "of-lambda"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture(autouse=True)
def hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [".on.aws", ".amazonaws.com", "chat.example.com"]


@pytest.fixture
def accounts(db: None) -> Iterator[None]:
    """The database of accounts. Requests leave its connection open, as under Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(event: dict[str, Any]) -> Answer:
    return read(handler(event, Context()))


@pytest.mark.parametrize("kind", KINDS)
def test_several_cookies_arrive_whole(kind: str, accounts: None) -> None:
    User.objects.create_user("ada", password="correct horse battery staple", is_staff=True)
    shown = ask(variant(kind, "GET", "/admin/login/"))
    token = shown.cookies[0].partition(";")[0]
    host = next(value for name, value in _headers(recorded(kind)).items() if name.lower() == "host")
    sent = variant(
        kind,
        "POST",
        "/admin/login/",
        body=f"username=ada&password=correct+horse+battery+staple&csrfmiddlewaretoken={token.partition('=')[2]}",
        cookies=(token,),
        content_type="application/x-www-form-urlencoded",
        referer=f"https://{host}/admin/login/",
    )
    answer = ask(sent)
    assert answer.status == 302
    assert [cookie.partition("=")[0] for cookie in answer.cookies] == ["csrftoken", "sessionid"]
    cookies = tuple(cookie.partition(";")[0] for cookie in answer.cookies)
    assert ask(variant(kind, "GET", "/admin/", cookies=cookies)).status == 200


def test_several_cookie_headers_are_one(accounts: None) -> None:
    User.objects.create_user("ada", password="correct horse battery staple", is_staff=True)
    event = variant("alb_multi_value", "GET", "/admin/login/")
    token = ask(event).cookies[0].partition(";")[0]
    sent = variant(
        "alb_multi_value",
        "POST",
        "/admin/login/",
        body=f"username=ada&password=wrong&csrfmiddlewaretoken={token.partition('=')[2]}",
        content_type="application/x-www-form-urlencoded",
        referer="https://chat.example.com/admin/login/",
    )
    sent["multiValueHeaders"]["cookie"] = ["theme=dark", token]
    assert ask(sent).status == 200  # and not 403, for want of a token


@pytest.mark.parametrize("kind", KINDS)
def test_head_has_no_body(kind: str) -> None:
    answer = ask(variant(kind, "HEAD", "/health"))
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "application/json", b"")


@pytest.mark.parametrize("kind", KINDS)
def test_a_callers_own_request_id_is_kept(kind: str) -> None:
    event = variant(kind, "GET", "/health", x_request_id="theirs")
    assert ask(event).headers["x-request-id"] == "theirs"


@pytest.mark.parametrize("kind", KINDS)
def test_headers_with_an_underscore_do_not_count(kind: str) -> None:
    event = variant(kind, "GET", "/health")
    for name in ("headers", "multiValueHeaders"):
        if name in event:
            event[name]["x_request_id"] = "forged" if name == "headers" else ["forged"]
    assert ask(event).headers["x-request-id"] == "of-lambda"


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_counts_beside_a_signature_of_aws(kind: str, tables: None, settings: Settings) -> None:
    """A function URL with AWS_IAM is called so."""
    settings.ALLOW_ANONYMOUS = False
    signature = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/lambda/aws4_request, Signature=5d672d79"
    key = create_key(owner="ada", name="cli", scopes=Scope).secret
    assert ask(variant(kind, "GET", "/sessions", authorization=signature, x_api_key=key)).status == 200
    assert ask(variant(kind, "GET", "/sessions", authorization=signature)).status == 401


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_in_base64_and_a_query_are_read(kind: str, tables: None, bedrock: ScriptedBedrock) -> None:
    order = json.dumps({"message": "Grüße", "session_id": "s"}, ensure_ascii=False).encode()
    assert ask(variant(kind, "POST", "/chat", body=order)).status == 200
    history = json.loads(ask(variant(kind, "GET", "/history/s", query="order=desc&limit=1")).body)
    assert [message["content"] for message in history["messages"]] == ["You said: Grüße"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "path", ["/gr\N{LATIN SMALL LETTER U WITH DIAERESIS}\N{LATIN SMALL LETTER SHARP S}e/\u20ac", "/%FF"]
)
def test_any_path_is_a_path(kind: str, path: str) -> None:
    assert json.loads(ask(variant(kind, "GET", path)).body)["code"] == "not_found"


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        (GATEWAYS_OWN_NAME, "/prod/health", 200),
        (GATEWAYS_OWN_NAME, "/prod", 200),
        (GATEWAYS_OWN_NAME, "/production/health", 404),
        ("chat.example.com", "/health", 200),
        ("chat.example.com", "/prod/health", 404),
    ],
)
def test_the_stage_of_an_http_api_is_no_part_of_the_path(host: str, path: str, status: int) -> None:
    event = variant("api_gateway_v2", "GET", path, host=host)
    event["requestContext"] |= {"stage": "prod", "domainName": host}
    assert ask(event).status == status


def test_links_lead_below_the_stage() -> None:
    event = variant("api_gateway_v2", "GET", "/prod/admin/")
    event["requestContext"]["stage"] = "prod"
    for request in (event, variant("api_gateway_v1", "GET", "/admin/")):
        answer = ask(request)
        assert (answer.status, answer.headers["location"]) == (302, "/prod/admin/login/?next=/prod/admin/")


def test_what_runs_beside_a_request_ends_before_its_answer(tables: None) -> None:
    key = create_key(owner="alice", name="test", scopes=Scope)
    answer = ask(variant("function_url", "GET", "/sessions", authorization=f"Bearer {key.secret}"))
    assert answer.status == 200
    assert [thread.name for thread in threading.enumerate() if thread.name == "key-last-use"] == []
    (found,) = api_keys.page(owner="alice", limit=1, before=None)
    assert found.last_used_at is not None


def _headers(event: dict[str, Any]) -> dict[str, str]:
    headers = event.get("headers")
    return headers or {name: values[0] for name, values in event["multiValueHeaders"].items()}
