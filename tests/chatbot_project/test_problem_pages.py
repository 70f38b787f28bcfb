"""Errors: people at staff's addresses are told by a page in the admin's look, callers of the API by a problem."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from access.staff import site

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JSON = "application/json"
TRAIL = "/admin/admin/logentry/"


@pytest.fixture
def superuser(db: None) -> Client:
    """A browser of somebody who may do everything."""
    client = Client(raise_request_exception=False, headers={"accept": BROWSER})
    user = User.objects.create_superuser("alice", password=None)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(html: str) -> tuple[str, str]:
    """The heading of a page and its sentence."""
    return re.findall(r"<h1>(.*?)</h1>", html)[0], re.findall(r'<p class="errornote">(.*?)</p>', html)[0]


@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/admin/nonsense/", 404, "No such page"),
        ("/admin/conversations/session/abc123/", 404, "No such page"),
        ("/admin/r/1/1/", 404, "No such page"),
        (f"{TRAIL}?user__password__startswith=p", 400, "This cannot be shown"),
        (f"{TRAIL}?subject=%00", 400, "This cannot be shown"),
        (f"{TRAIL}?object_repr=a&object_repr=%00", 400, "This cannot be shown"),
        ("/admin/auth/user/?username=%00", 400, "This cannot be shown"),
        (f"{TRAIL}add/", 403, "Not allowed"),
    ],
)
def test_people_are_told_in_the_admins_look(superuser: Client, address: str, status: int, title: str) -> None:
    answer = superuser.get(address)
    html = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"], told(html)[0]) == (status, "text/html; charset=utf-8", title)
    assert 'id="nav-sidebar"' in html
    problem = superuser.get(address, headers={"accept": JSON})
    assert (problem.status_code, problem["Content-Type"]) == (status, "application/problem+json")


def test_other_addresses_answer_problems_to_browsers_too(client: Client) -> None:
    answer = client.get("/nonsense", headers={"accept": BROWSER})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_unforeseen_error_is_told_without_the_database(superuser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(user: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(site, "recent_actions", broken)
    answer = superuser.get("/admin/", headers={"x-request-id": "r-1"})
    html = answer.content.decode()
    sentence = "Something went wrong here, and the log says what. The id of this request is r-1."
    assert (answer.status_code, *told(html)) == (500, "This did not work", sentence)
    assert ('id="nav-sidebar"' in html, "secret" in html) == (False, False)


def test_a_request_refused_before_anybody_is_known_is_told(client: Client, db: None) -> None:
    answer = client.get("/admin/", headers={"host": "elsewhere.example.com", "accept": BROWSER})
    assert (answer.status_code, told(answer.content.decode())[0]) == (400, "This cannot be shown")


def test_a_form_that_is_too_old_says_what_to_do(superuser: Client) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept": BROWSER})
    client.cookies = superuser.cookies
    answer = client.post("/admin/auth/group/add/", {"name": "x", "csrfmiddlewaretoken": "old"})
    title, sentence = told(answer.content.decode())
    assert (answer.status_code, title) == (403, "This form is too old")
    assert sentence.endswith("Nothing was changed. Go back, reload the page, and send the form again.")
    plain = client.post("/admin/auth/group/add/", {"name": "x"}, headers={"accept": JSON})
    assert (plain.status_code, "CSRF verification failed" in plain.content.decode()) == (403, True)
