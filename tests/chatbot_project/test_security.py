"""What browsers are told, who comes over TLS, which pages may call, and how often staff may try to sign in."""

import re

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from chatbot_project.security import DATA_POLICY, PAGE_POLICY
from tests.chatbot_project.production import ENVIRONMENT, settings_of
from tests.scripted_bedrock import ScriptedBedrock

HOST = "chatbot.example.com"
PASSWORD = "right-and-long-enough"
TRUSTED_PAGE, OTHER_PAGE = "https://chat.example.com", "https://elsewhere.example.com"
PAGES = ("/docs", "/redoc", "/admin/login/")
OF_BROWSERS = ("SECURE_", "CORS_", "CSRF_", "SESSION_", "ALLOWED_HOSTS", "MIDDLEWARE", "ALLOW_ANONYMOUS")
ADDRESSES = ("203.0.113.7", "203.0.113.8")


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A caller of a sensible deployment, over TLS up to its load balancer."""
    for name, value in settings_of(monkeypatch, ENVIRONMENT).items():
        if name.startswith(OF_BROWSERS):
            setattr(settings, name, value)
    return Client(SERVER_NAME=HOST, HTTP_X_FORWARDED_PROTO="https")


@pytest.fixture
def alice(db: None) -> User:
    """One of the staff."""
    return User.objects.create_superuser(username="alice", password=PASSWORD)


def sign_in(name: str, password: str, address: str = ADDRESSES[0]) -> tuple[int, str]:
    """The status of an attempt, and the Retry-After of its answer."""
    form = {"username": name, "password": password}
    answer = Client(REMOTE_ADDR=address).post("/admin/login/?next=/admin/", form)
    return answer.status_code, answer.headers.get("Retry-After", "")


def test_answers_of_the_api_may_do_nothing_in_a_browser(production: Client) -> None:
    answer = production.get("/", headers={"X-Request-ID": "r-1"})

    assert dict(answer.headers) == {
        "Content-Type": "application/json",
        "Content-Length": str(len(answer.content)),
        "Allow": "GET, HEAD",
        "X-Request-ID": "r-1",
        "Content-Security-Policy": DATA_POLICY,
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    }


@pytest.mark.parametrize("path", ["/nothing", "/models", "/openapi.json", "/docs?script="])
def test_everything_but_pages_is_data(path: str) -> None:
    assert Client().get(path, headers={"Accept": "*/*"}).headers["Content-Security-Policy"] == DATA_POLICY


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_nothing_inline(path: str) -> None:
    page = Client().get(path)
    html = page.content.decode()

    assert (page.status_code, page.headers["Content-Security-Policy"]) == (200, PAGE_POLICY)
    assert "unsafe" not in PAGE_POLICY
    assert not re.findall(r"<style|<script(?![^>]* src=)|\son[a-z]+=|\sstyle=|javascript:", html)
    assert not re.findall(r"""(?:src|href|action|url)=["']?https?:""", html)


def test_plain_http_is_redirected_but_for_health_checks(production: Client) -> None:
    plain = Client(SERVER_NAME=HOST, HTTP_X_FORWARDED_PROTO="http")

    redirected = plain.get("/docs")
    assert (redirected.status_code, redirected.headers["Location"]) == (301, f"https://{HOST}/docs")
    assert plain.get("/health").json() == {"status": "ok"}
    assert production.get("/docs").status_code == 200


def test_without_the_setting_nobody_can_say_that_they_came_over_tls() -> None:
    answer = Client(HTTP_X_FORWARDED_PROTO="https").get("/")

    assert "Strict-Transport-Security" not in answer.headers


def test_only_health_is_answered_for_other_hosts(production: Client) -> None:
    by_address = Client(SERVER_NAME="10.0.3.17", HTTP_X_FORWARDED_PROTO="https")

    assert by_address.get("/health").status_code == 200
    assert [by_address.get(path).status_code for path in ("/", "/docs", "/health/other")] == [400] * 3


def test_cookies_of_staff_travel_over_tls_alone(production: Client, alice: User) -> None:
    # The form's token stands in its page; the header names the page that posts it, as browsers do over TLS.
    production.post(
        "/admin/login/", {"username": "alice", "password": PASSWORD}, headers={"Referer": f"https://{HOST}/"}
    )

    session = production.cookies["sessionid"]
    assert (session["secure"], session["httponly"], session["samesite"]) == (True, True, "Lax")
    token = production.cookies["csrftoken"]
    assert (token["secure"], token["httponly"], token["samesite"]) == (True, True, "Lax")


def test_pages_of_the_list_may_call_the_api_and_read_its_headers(production: Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,idempotency-key"}
    allowed = production.options("/chat", headers={"Origin": TRUSTED_PAGE, **asked})
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == TRUSTED_PAGE
    assert "idempotency-key" in allowed.headers["Access-Control-Allow-Headers"].split(", ")
    assert "Access-Control-Allow-Credentials" not in allowed.headers

    refused = production.get("/models", headers={"Origin": TRUSTED_PAGE})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == TRUSTED_PAGE
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"].split(", ")


def test_no_other_page_may_call_and_none_the_staff_pages(production: Client) -> None:
    assert "Access-Control-Allow-Origin" not in production.get("/models", headers={"Origin": OTHER_PAGE}).headers
    assert (
        "Access-Control-Allow-Origin" not in production.get("/admin/login/", headers={"Origin": TRUSTED_PAGE}).headers
    )


def test_no_page_may_call_unless_the_list_names_it(settings: Settings) -> None:
    assert settings.CORS_ALLOWED_ORIGINS == []
    assert "Access-Control-Allow-Origin" not in Client().get("/", headers={"Origin": TRUSTED_PAGE}).headers


def test_the_chat_plane_never_opens_the_relational_database(
    alice: User, tables: None, bedrock: ScriptedBedrock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")

    with django_assert_num_queries(0):
        body = {"message": "Hello", "session_id": "s"}
        statuses = [client.post("/chat", body, content_type="application/json").status_code]
        streamed = client.post("/chat", body | {"stream": True}, content_type="application/json")
        assert b"event: done" in streamed.getvalue()
        statuses += [client.get(path).status_code for path in ("/history/s", "/sessions", "/models", "/", "/docs")]
        statuses += [client.get(path).status_code for path in ("/health", "/health/ready", "/openapi.json", "/nothing")]
        statuses += [client.delete(path).status_code for path in ("/sessions/s/pending", "/history/s")]

    assert statuses == [200] * 9 + [404, 204, 204]


def test_a_name_is_locked_at_one_address_after_five_failures(alice: User) -> None:
    assert [sign_in("alice", f"wrong-{number}") for number in range(4)] == [(200, "")] * 4
    assert sign_in("alice", "wrong-5") == (429, "900")

    assert sign_in("alice", PASSWORD) == (429, "900")
    assert sign_in("bob", "wrong") == (200, "")
    assert sign_in("alice", PASSWORD, ADDRESSES[1]) == (302, "")


def test_a_name_that_does_not_exist_is_locked_just_the_same(db: None) -> None:
    assert [sign_in("nobody", "wrong") for _ in range(6)] == [(200, "")] * 4 + [(429, "900")] * 2


def test_the_page_of_a_locked_name_says_when_to_come_back(alice: User) -> None:
    for _ in range(4):
        sign_in("alice", "wrong")
    page = Client(REMOTE_ADDR=ADDRESSES[0]).post("/admin/login/", {"username": "alice", "password": "wrong"})

    html = page.content.decode()
    assert "Try again in 15 minutes." in html
    assert "<title>Too many failed sign-ins | Chatbot staff</title>" in html
    assert ("Chatbot staff</a>" in html, "Django administration" in html) == (True, False)
    assert page.headers["Content-Security-Policy"] == PAGE_POLICY


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        ("", "/admin/"),
        ("?next=", "/admin/"),
        ("?next=//evil.example", "/admin/"),
        ("?next=https://evil.example/", "/admin/"),
        ("?next=/admin/auth/user/", "/admin/auth/user/"),
    ],
)
def test_a_sign_in_leads_on_to_a_page_that_there_is(alice: User, following: str, expected: str) -> None:
    form = {"username": "alice", "password": PASSWORD}
    answer = Client(REMOTE_ADDR=ADDRESSES[0]).post(f"/admin/login/{following}", form)

    assert (answer.status_code, answer.headers.get("Location")) == (302, expected)


def test_who_signs_in_begins_anew(alice: User) -> None:
    for _ in range(2):
        assert [sign_in("alice", "wrong") for _ in range(4)] == [(200, "")] * 4
        assert sign_in("alice", PASSWORD) == (302, "")


def test_what_was_tried_as_a_password_is_not_kept(alice: User) -> None:
    sign_in("alice", "planted-password")

    (attempt,) = AccessAttempt.objects.all()
    assert "planted-password" not in str(vars(attempt))
    assert (attempt.username, attempt.ip_address) == ("alice", ADDRESSES[0])
