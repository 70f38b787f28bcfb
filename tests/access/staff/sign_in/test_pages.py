"""The sign-in page with the issuer on it, and what is loaded for whom."""

import os
import re
import subprocess
import sys

import pytest
from axes.models import AccessAttempt
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from .conftest import there_and_back
from .staff_issuer import StaffIssuer

PASSWORD = "a-long-enough-password"


def text(visitor: Client, address: str = "/admin/login/?next=/admin/auth/%3Fq%3Da%26b") -> str:
    answer = visitor.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_offers_both_ways(issuer: StaffIssuer, visitor: Client) -> None:
    html = text(visitor)

    assert "Sign in with Example ID</a>" in html
    assert 'href="/admin/oidc/sign-in?next=%2Fadmin%2Fauth%2F%3Fq%3Da%26b"' in html
    assert 'name="password"' in html
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", html) == []


@pytest.mark.parametrize("following", ["", "?next=https://evil.example/"])
def test_the_page_leads_on_to_this_host_alone(issuer: StaffIssuer, visitor: Client, following: str) -> None:
    assert (
        "evil.example"
        not in re.findall(r'href="/admin/oidc/sign-in[^"]*"', text(visitor, f"/admin/login/{following}"))[0]
    )


def test_a_name_of_the_issuer_is_text(issuer: StaffIssuer, visitor: Client, settings: Settings) -> None:
    settings.STAFF_OIDC_NAME = "<b>ID</b> {0.__class__}"

    assert "Sign in with &lt;b&gt;ID&lt;/b&gt; {0.__class__}" in text(visitor)
    issuer.person["cognito:groups"] = []
    assert "&lt;b&gt;ID&lt;/b&gt; {0.__class__} knows you" in there_and_back(visitor).content.decode()


def test_who_is_signed_in_already_goes_on(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)

    answer = visitor.get("/admin/login/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_a_password_is_never_taken_to_the_issuer(issuer: StaffIssuer, visitor: Client) -> None:
    User.objects.create_user("bob", password=PASSWORD, is_staff=True)
    answer = visitor.post("/admin/login/?code=a&state=b", {"username": "bob", "password": "wrong"})

    assert (answer.status_code, issuer.requests) == (200, [])


@pytest.fixture
def without_passwords(settings: Settings, issuer: StaffIssuer) -> None:
    settings.STAFF_PASSWORDS = False
    settings.AUTHENTICATION_BACKENDS = [
        backend for backend in settings.AUTHENTICATION_BACKENDS if "ModelBackend" not in backend
    ]


def test_passwords_can_be_turned_off(without_passwords: None, issuer: StaffIssuer, visitor: Client) -> None:
    User.objects.create_superuser("bob", password=PASSWORD)
    html = text(visitor)
    answer = visitor.post("/admin/login/", {"username": "bob", "password": PASSWORD})

    assert ('name="password"' in html, "Sign in with Example ID</a>" in html) == (False, True)
    assert (answer.status_code, AccessAttempt.objects.count()) == (405, 0)
    assert visitor.get("/admin/").status_code == 302
    assert there_and_back(visitor).status_code == 302
    assert "/admin/conversations/" in text(visitor, "/admin/")


def test_sessions_of_passwords_end_when_passwords_are_turned_off(
    issuer: StaffIssuer, visitor: Client, settings: Settings
) -> None:
    bob = User.objects.create_superuser("bob", password=PASSWORD)
    visitor.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert visitor.get("/admin/").status_code == 200
    settings.AUTHENTICATION_BACKENDS = settings.AUTHENTICATION_BACKENDS[-1:]

    assert visitor.get("/admin/").status_code == 302


def test_with_the_issuer_away_and_no_passwords_none_are_promised(
    without_passwords: None, issuer: StaffIssuer, visitor: Client
) -> None:
    issuer.down = True

    page = visitor.get("/admin/oidc/sign-in")
    assert page.status_code == 503
    assert "password" not in page.content.decode()


def test_who_lost_the_groups_is_told_on_the_page(without_passwords: None, issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    User.objects.update(is_staff=False)

    assert "You are signed in as alice, who may not see this page" in text(visitor)


def test_without_an_issuer_the_page_is_djangos_own(db: None, visitor: Client) -> None:
    assert "Sign in with" not in text(visitor)
    assert visitor.get("/admin/oidc/sign-in").status_code in {302, 404}


PROGRAM = """
import sys, django
django.setup()
from django.test import Client
answers = [Client().get(path, headers={"host": "localhost"}).status_code for path in sys.argv[1:]]
print(answers, "mozilla_django_oidc" in sys.modules)
"""


def printed(*paths: str, **environment: str) -> str:
    """What a process of its own says of its answers, and whether the library was loaded."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LD_LIBRARY_PATH"}}
    variables = kept | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONWARNINGS": "ignore"} | environment
    command = [sys.executable, "-c", PROGRAM, *paths]
    done = subprocess.run(
        command, cwd=django_settings.BASE_DIR, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("issuer_set", [True, False])
def test_the_library_is_loaded_by_a_sign_in_alone(issuer_set: bool) -> None:
    environment = {"STAFF_OIDC_ISSUER": "http://127.0.0.1:1"} if issuer_set else {}

    assert printed("/", "/health", "/openapi.json", "/chat", **environment) == "[200, 200, 200, 405] False"
    if issuer_set:
        assert printed("/admin/oidc/sign-in", **environment) == "[503] True"
