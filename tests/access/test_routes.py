"""Every route of the project, as everybody who may or may not use it.

A route without a row here fails `test_every_route_has_a_row`.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from django.conf import settings as project
from pytest_django import Settings

from access.scopes import Scope
from dynamodb_client.client import dynamodb_client
from tests.faulty_dynamodb import FaultyDynamoDB

from .cast import Headers, key_of, not_let_in
from .routes import METHODS, Route, api_routes, other_paths

SESSION = "abc123"
ABSENT = "xyz789"


@dataclass(frozen=True)
class Row:
    """What a route takes and answers. `stranger` is for a caller with every scope who owns nothing."""

    scope: Scope | None  # None is open to everybody
    owner: int = 200
    stranger: int = 200
    body: dict[str, Any] | None = field(default=None)


CHAT = {"message": "Hello", "session_id": SESSION}
ROUTES: dict[Route, Row] = {
    ("GET", "/"): Row(None),
    ("GET", "/health"): Row(None),
    ("GET", "/health/ready"): Row(None),
    ("GET", "/openapi.json"): Row(None),
    ("GET", "/docs"): Row(None),
    ("GET", "/redoc"): Row(None),
    ("POST", "/chat"): Row(Scope.CHAT, stranger=404, body=CHAT),
    ("GET", "/history/{session_id}"): Row(Scope.HISTORY_READ, stranger=404),
    ("DELETE", "/history/{session_id}"): Row(Scope.HISTORY_DELETE, owner=204, stranger=204),
    ("GET", "/sessions"): Row(Scope.HISTORY_READ),
    ("PATCH", "/sessions/{session_id}"): Row(Scope.CHAT, stranger=404, body={"title": "New"}),
    ("DELETE", "/sessions/{session_id}/pending"): Row(Scope.CHAT, owner=204, stranger=404),
    ("GET", "/usage"): Row(Scope.HISTORY_READ),
    ("GET", "/models"): Row(Scope.MODELS),
    ("POST", "/models/list"): Row(Scope.MODELS),
}
ROUTES |= {("HEAD", path): row for (method, path), row in ROUTES.items() if method == "GET"}
ROUTES |= {("OPTIONS", path): Row(None, owner=405) for path in ("/openapi.json", "/docs", "/redoc")}
CLOSED = {route: row for route, row in ROUTES.items() if row.scope}
OPEN = {route: row for route, row in ROUTES.items() if not row.scope}
# All that take a session but POST /chat, which would create one that is not there (docs/decisions/0006).
OF_ONE_SESSION = [route for route in CLOSED if "{session_id}" in route[1]]


@pytest.fixture(autouse=True)
def nobody_is_anonymous(settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = False


@pytest.fixture
def alice(api: httpx.Client) -> Headers:
    """The owner of a session with an answered turn."""
    headers = key_of("alice")
    api.post("/chat", json=CHAT, headers=headers).raise_for_status()
    return headers


def send(api: httpx.Client, route: Route, headers: Headers, session_id: str = SESSION) -> httpx.Response:
    method, path = route
    body = ROUTES[route].body if route in ROUTES else None
    content = json.dumps(body).replace(SESSION, session_id) if body else None
    kind = {"Content-Type": "application/json"} if body else {}
    return api.request(method, path.format(session_id=session_id), content=content, headers=kind | headers)


def body_of(answer: httpx.Response) -> dict[str, Any]:
    """The body of a problem, without what is different in every answer; empty where there is none."""
    body = answer.json() if answer.content else {}
    return {name: value for name, value in body.items() if name != "request_id"}


def headers_of(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}


def refused(code: str, status: int, title: str, detail: str) -> dict[str, Any]:
    return {"type": f"urn:chatbot:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}


NOT_AUTHENTICATED = refused("not_authenticated", 401, "Not authenticated", "Credentials are missing or not valid.")
PERMISSION_DENIED = refused("permission_denied", 403, "Permission denied", "These credentials do not allow this.")


def test_every_route_has_a_row() -> None:
    assert set(api_routes()) == set(ROUTES)


@pytest.mark.parametrize("route", OPEN, ids=" ".join)
def test_open_pages_are_for_everybody_whatever_they_send(api: httpx.Client, route: Route) -> None:
    for headers in (key_of("alice"), *not_let_in().values()):
        assert send(api, route, headers).status_code == OPEN[route].owner


@pytest.mark.parametrize("route", CLOSED, ids=" ".join)
def test_lets_the_owner_and_nobody_without_good_credentials_in(api: httpx.Client, alice: Headers, route: Route) -> None:
    before = api.get(f"/history/{SESSION}", headers=alice).json()
    for who, headers in not_let_in().items():
        answer = send(api, route, headers)
        challenge = (
            "Bearer"
            if "Authorization" not in headers and "X-API-Key" not in headers
            else 'Bearer error="invalid_token"'
        )
        assert (who, answer.status_code, answer.headers["www-authenticate"]) == (who, 401, challenge)
        assert body_of(answer) == ({} if route[0] == "HEAD" else NOT_AUTHENTICATED)
    assert api.get(f"/history/{SESSION}", headers=alice).json() == before

    assert send(api, route, alice).status_code == CLOSED[route].owner


@pytest.mark.parametrize("route", CLOSED, ids=" ".join)
def test_a_key_without_the_scope_may_do_everything_but_this(api: httpx.Client, alice: Headers, route: Route) -> None:
    scope = CLOSED[route].scope
    lacking = key_of("alice", without=scope)
    before = api.get(f"/history/{SESSION}", headers=alice).json()

    answer = send(api, route, lacking)

    assert answer.status_code == 403
    assert body_of(answer) == ({} if route[0] == "HEAD" else PERMISSION_DENIED)
    assert answer.headers["www-authenticate"] == f'Bearer error="insufficient_scope", scope="{scope}"'
    assert api.get(f"/history/{SESSION}", headers=alice).json() == before
    for other in [other for other, row in CLOSED.items() if row.scope is not scope]:
        assert send(api, other, lacking).status_code not in {401, 403}


@pytest.mark.parametrize("route", CLOSED, ids=" ".join)
def test_a_stranger_touches_nothing_of_the_owners(api: httpx.Client, alice: Headers, route: Route) -> None:
    before = api.get(f"/history/{SESSION}", headers=alice).json()

    answer = send(api, route, key_of("bob"))

    assert answer.status_code == CLOSED[route].stranger
    assert "Hello" not in answer.text
    assert SESSION not in answer.text
    assert api.get(f"/history/{SESSION}", headers=alice).json() == before


@pytest.mark.parametrize("state", ["answered", "pending", "failed"])
@pytest.mark.parametrize("route", OF_ONE_SESSION, ids=" ".join)
def test_a_strangers_session_is_like_one_that_is_not_there(
    dynamodb: FaultyDynamoDB, api: httpx.Client, alice: Headers, route: Route, state: str
) -> None:
    leave(state)
    bob = key_of("bob")
    send(api, ("GET", "/models"), bob)  # from here on the key is known

    def seen(session_id: str) -> tuple[int, dict[str, Any], dict[str, str], list[tuple[str, str]]]:
        first = len(dynamodb.requests)
        answer = send(api, route, bob, session_id)
        calls = [
            (request.operation, asked)
            for request in dynamodb.requests[first:]
            if project.API_KEYS_TABLE not in (asked := json.dumps(shape(request.body, session_id)))
        ]
        return answer.status_code, body_of(answer), headers_of(answer), calls

    theirs, absent = seen(SESSION), seen(ABSENT)

    assert theirs == absent
    assert theirs[3] != []


def leave(state: str) -> None:
    """Alice's session with a turn under way, or with one that failed."""
    if state != "answered":
        held: Any = {name: {"S": "x"} for name in ("TurnId", "Message", "ModelId", "Key", "Fingerprint")} | {
            "State": {"S": state},
            "StartedAt": {"S": "2026-11-23T12:00:00.000000Z"},
            "LeaseUntil": {"S": "2126-11-23T12:00:00.000000Z"},
        }
        dynamodb_client().update_item(
            TableName=project.CONVERSATIONS_TABLE,
            Key={"SessionId": {"S": SESSION}, "Timestamp": {"S": "#session"}},
            UpdateExpression="SET PendingTurn = :held",
            ExpressionAttributeValues={":held": {"M": held}},
        )


def shape(value: Any, session_id: str) -> Any:  # noqa: ANN401  # any JSON
    """A request without its times, its session and the session's shard."""
    if isinstance(value, dict):
        return {name: shape(inner, session_id) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner, session_id) for inner in value]
    text = re.sub(r"^erasing#\d+$", "erasing#shard", str(value))
    if text != str(value):
        return text
    return "session" if text == session_id else "number or time" if text[:2] in {"17", "18", "20"} else value


@pytest.mark.parametrize("path", sorted({path for _, path in CLOSED}))
def test_methods_that_a_route_does_not_have_are_told_to_callers_only(
    api: httpx.Client, alice: Headers, path: str
) -> None:
    for method in [method for method in METHODS if (method, path) not in ROUTES]:
        assert send(api, (method, path), {}).status_code == 401
        assert send(api, (method, path), alice).status_code == 405


@pytest.mark.parametrize("path", ["/nothing", "/chat/", "/history", "/history/a/b", "/sessions/a/b"])
def test_what_is_no_route_is_not_found_for_everybody(api: httpx.Client, path: str) -> None:
    for headers in (key_of("alice"), {}):
        assert api.get(path, headers=headers).status_code == 404


def staff_paths() -> list[str]:
    paths = other_paths()
    assert "/admin/" in paths
    assert all(path.startswith("/admin/") for path in paths)
    return [path for path in paths if path != "/admin/login/"]


@pytest.mark.parametrize("path", staff_paths())
def test_credentials_of_callers_open_no_page_of_the_staff(api: httpx.Client, path: str) -> None:
    address, key = path.replace("{", "").replace("}", ""), key_of("alice")
    answers = [api.get(address, headers=headers) for headers in (key, *not_let_in().values())]
    ((status, leads_to),) = {(answer.status_code, answer.headers["location"]) for answer in answers}
    end = api.get(leads_to, headers=key, follow_redirects=True)
    assert (status, end.status_code, end.url.path) == (302, 200, "/admin/login/")


def test_everybody_may_see_the_sign_in_of_the_staff(api: httpx.Client) -> None:
    for headers in (key_of("alice"), *not_let_in().values()):
        assert api.get("/admin/login/", headers=headers).status_code == 200
