"""Staff sign in at the issuer: what it is asked, whose account is opened, and what the account may do then."""

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from pytest_django import Settings

from access.models import StaffIdentity
from access.staff.sign_in import accounts as accounts_module
from access.staff.sign_in.person import person_of
from tests.access.local_issuer import rsa_key

from .conftest import BEGIN, at_the_issuer, there_and_back
from .staff_issuer import ALICE, CLIENT_ID, CLIENT_SECRET, StaffIssuer

PASSWORD = "a-long-enough-password"


def accounts() -> dict[str, Any]:
    """Every account by its username: what is known of it and what it may do."""
    return {
        user.username: (
            user.email,
            user.get_full_name(),
            {"staff": user.is_staff, "superuser": user.is_superuser, "password": user.has_usable_password()},
            [group.name for group in user.groups.order_by("name")],
            user.user_permissions.count(),
        )
        for user in User.objects.all()
    }


RIGHTS = {"staff": True, "superuser": False, "password": False}
ALICES = ("alice@example.com", "Alice Ashe", RIGHTS, ["Support"], 0)


def test_who_has_a_group_is_signed_in_under_an_account_of_their_own(issuer: StaffIssuer, visitor: Client) -> None:
    answer = there_and_back(visitor)

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert visitor.get("/admin/").status_code == 200
    assert accounts() == {"alice": ALICES}
    assert list(StaffIdentity.objects.values_list("issuer", "subject")) == [(issuer.url, "5b1f-alice")]


def test_the_issuer_is_asked_for_a_code_with_state_nonce_and_pkce(issuer: StaffIssuer, visitor: Client) -> None:
    asked = urlsplit(visitor.get(BEGIN)["Location"])
    query = dict(parse_qsl(asked.query))
    fresh = {name: query.pop(name) for name in ("state", "nonce", "code_challenge")}

    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{issuer.url}/authorize"
    assert query == {
        "response_type": "code",
        "scope": "openid profile email",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://testserver/admin/oidc/callback",
        "code_challenge_method": "S256",
    }
    assert all(len(value) >= 32 for value in fresh.values())
    again = dict(parse_qsl(urlsplit(visitor.get(BEGIN)["Location"]).query))
    assert not {again[name] for name in fresh} & set(fresh.values())


def test_what_the_issuer_has_in_its_own_address_is_kept(issuer: StaffIssuer, visitor: Client) -> None:
    issuer.describe(authorization_endpoint=f"{issuer.url}/authorize?policy=staff")

    query = parse_qsl(urlsplit(visitor.get(BEGIN)["Location"]).query)
    assert ("policy", "staff") in query
    assert there_and_back(visitor).status_code == 302


@pytest.mark.parametrize("methods", [["client_secret_basic"], None])
def test_the_secret_goes_into_the_header_where_the_issuer_wants_it_there(
    issuer: StaffIssuer, visitor: Client, methods: list[str] | None
) -> None:
    issuer.describe(token_endpoint_auth_methods_supported=methods)

    assert there_and_back(visitor).status_code == 302
    assert CLIENT_SECRET not in issuer.forms[0].values()


def test_the_session_holds_no_token_and_ends_after_its_age_however_it_is_used(
    issuer: StaffIssuer, visitor: Client, settings: Settings
) -> None:
    there_and_back(visitor)
    first = visitor.session.get_expiry_date()
    held = json.dumps(dict(visitor.session.items()))
    kept = visitor.session
    kept["something"] = "changed"
    kept.save()

    assert not [part for part in ("eyJ", "secret-access-token", CLIENT_SECRET) if part in held]
    assert visitor.session.get_expiry_date() == first
    left = first - dt.datetime.now(dt.UTC)
    assert dt.timedelta(seconds=settings.SESSION_COOKIE_AGE - 60) < left
    assert left <= dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        ("/admin/access/apikey/?q=a%20b", "/admin/access/apikey/?q=a%20b"),
        ("", "/admin/"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example/", "/admin/"),
        ("/\\evil.example/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
    ],
)
def test_a_sign_in_leads_on_to_this_host_alone(
    issuer: StaffIssuer, visitor: Client, following: str, expected: str
) -> None:
    assert there_and_back(visitor, following=following)["Location"] == expected


def test_signing_out_ends_the_session_here(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    visitor.post("/admin/logout/")

    assert visitor.get("/admin/").status_code == 302


def test_groups_are_those_of_the_latest_sign_in(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    alice = User.objects.get()
    alice.is_superuser = True
    alice.set_password(PASSWORD)
    alice.save()
    alice.groups.add(Group.objects.get(name="Auditor"))
    alice.user_permissions.add(Permission.objects.get(codename="add_user"))
    issuer.person |= {"cognito:groups": ["chat-leads"], "email": "ashe@example.com", "given_name": "Alicia"}

    assert there_and_back(Client()).status_code == 302
    assert accounts() == {"alice": ("ashe@example.com", "Alicia Ashe", RIGHTS, ["Operator"], 0)}


@pytest.mark.parametrize("named", [["chat-support", "chat-leads"], "chat-support chat-leads"])
def test_every_group_that_is_mapped_is_given(issuer: StaffIssuer, visitor: Client, named: object) -> None:
    issuer.person["cognito:groups"] = named
    there_and_back(visitor)

    assert accounts()["alice"][3] == ["Operator", "Support"]


@pytest.mark.parametrize("named", [None, [], ["canteen"], ["Support"], ["CHAT-SUPPORT"], "", ["chat-ghosts"]])
def test_who_has_no_group_is_not_let_in_and_nothing_is_made(
    issuer: StaffIssuer, visitor: Client, named: object
) -> None:
    issuer.person["cognito:groups"] = named
    answer = there_and_back(visitor)

    assert (answer.status_code, "none of your groups there" in answer.content.decode()) == (403, True)
    assert (User.objects.count(), StaffIdentity.objects.count()) == (0, 0)
    assert visitor.get("/admin/").status_code == 302


def test_a_group_that_does_not_exist_is_named_in_the_log(
    issuer: StaffIssuer, visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.person["cognito:groups"] = ["chat-support", "chat-ghosts"]
    there_and_back(visitor)

    assert accounts() == {"alice": ALICES}
    assert "STAFF_OIDC_GROUPS names groups that do not exist: Ghosts" in caplog.messages


def test_who_has_lost_every_group_loses_what_the_account_might_do(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    issuer.person["cognito:groups"] = ["canteen"]

    assert there_and_back(Client()).status_code == 403
    assert accounts() == {
        "alice": ("alice@example.com", "Alice Ashe", RIGHTS | {"staff": False}, [], 0),
    }
    assert visitor.get("/admin/").status_code == 302, "the session from before still works"


def test_an_account_that_was_switched_off_stays_off(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    User.objects.update(is_active=False)

    assert visitor.get("/admin/").status_code == 302
    assert "alice" not in visitor.get("/admin/login/").content.decode(), "the session from before still works"
    answer = there_and_back(visitor)
    assert (answer.status_code, "switched off" in answer.content.decode()) == (403, True)
    assert not User.objects.get().is_active


def test_an_account_that_is_switched_off_during_a_sign_in_stays_off(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    read_before = User.objects.get()
    User.objects.update(is_active=False)
    accounts_module._give(read_before, [])

    assert not User.objects.get().is_active


@pytest.mark.parametrize("taken", ["alice", "ALICE"])
def test_an_account_of_the_same_name_or_address_is_nobody_elses(
    issuer: StaffIssuer, visitor: Client, taken: str
) -> None:
    User.objects.create_superuser(taken, "alice@example.com", PASSWORD)
    there_and_back(visitor)

    rights = {"staff": True, "superuser": True, "password": True}
    made = next(name for name in accounts() if name != taken)
    assert made.startswith("alice-")
    assert accounts() == {taken: ("alice@example.com", "", rights, [], 0), made: ALICES}


def test_an_address_that_was_given_to_somebody_else_opens_no_account(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    issuer.person |= {"sub": "77aa-bob", "given_name": "Bob", "family_name": "Birch"}
    there_and_back(Client())

    assert [account[1] for account in accounts().values()] == ["Alice Ashe", "Bob Birch"]


def test_subjects_are_told_apart_by_their_case(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    issuer.person["sub"] = "5B1F-ALICE"
    there_and_back(Client())

    assert User.objects.count() == 2


def test_the_same_subject_of_another_issuer_is_somebody_else(issuer: StaffIssuer, visitor: Client) -> None:
    other = User.objects.create_user("other")
    StaffIdentity.objects.create(issuer="https://another.example", subject="5b1f-alice", user=other)
    there_and_back(visitor)

    assert set(accounts()) == {"other", "alice"}


@pytest.mark.parametrize(
    ("claims", "username"),
    [
        ({"preferred_username": None}, "alice@example.com"),
        ({"preferred_username": None, "email": None}, "staff"),
        ({"preferred_username": "<b>al\x00ice</b>\u202e"}, "baliceb"),
        ({"preferred_username": 7}, "alice@example.com"),
        ({"preferred_username": "a" * 1000}, "a" * 130),
        ({"preferred_username": "Zoë"}, "Zoë"),
    ],
)
def test_usernames_are_what_people_know_each_other_by(
    issuer: StaffIssuer, visitor: Client, claims: dict[str, object], username: str
) -> None:
    issuer.person |= claims
    there_and_back(visitor)

    assert set(accounts()) == {username}


def test_names_of_any_length_and_kind_fit(issuer: StaffIssuer, visitor: Client) -> None:
    issuer.person |= {"email": "a" * 300, "given_name": "\x00" + "b" * 500, "family_name": ["no", "text"]}
    there_and_back(visitor)

    assert accounts()["alice"][:2] == ("", "b" * 150)


def test_sign_ins_are_on_record_as_those_by_password_are(issuer: StaffIssuer, visitor: Client) -> None:
    User.objects.create_user("bob", password=PASSWORD, is_staff=True)
    there_and_back(visitor)
    Client().post("/admin/login/", {"username": "bob", "password": PASSWORD})

    assert list(AccessLog.objects.order_by("pk").values_list("username", "path_info")) == [
        ("alice", "/admin/oidc/callback"),
        ("bob", "/admin/login/"),
    ]


def test_failures_at_the_issuer_lock_nobody_out(issuer: StaffIssuer, visitor: Client) -> None:
    issuer.changes = {"nonce": "another"}
    for _ in range(6):
        assert there_and_back(visitor).status_code == 400
    issuer.changes = {}

    assert AccessAttempt.objects.count() == 0
    assert there_and_back(visitor).status_code == 302


def test_a_locked_password_does_not_lock_the_issuer(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    stranger = Client()
    answers = [stranger.post("/admin/login/", {"username": "alice", "password": "wrong"}) for _ in range(6)]

    assert answers[-1].status_code == 429
    assert there_and_back(Client()).status_code == 302


def test_several_tabs_sign_in_side_by_side(issuer: StaffIssuer, visitor: Client) -> None:
    first, second = at_the_issuer(visitor, following="/admin/auth/"), at_the_issuer(visitor)

    assert [visitor.get(second).status_code, visitor.get(first).status_code] == [302, 302]
    assert User.objects.count() == 1


def test_the_issuer_is_asked_for_its_documents_once(issuer: StaffIssuer, visitor: Client) -> None:
    for _ in range(3):
        there_and_back(Client())

    assert [path for path in issuer.requests if "well-known" in path or path == "/keys"] == [
        "/.well-known/openid-configuration",  # endpoints
        "/.well-known/openid-configuration",  # keys
        "/keys",
    ]


def test_a_key_that_is_new_is_fetched(issuer: StaffIssuer, visitor: Client) -> None:
    issuer.publish("second", rsa_key("second"), alg="RS256")
    issuer.signing = {"kid": "second"}

    assert there_and_back(visitor).status_code == 302


def test_who_signs_in_twice_at_once_has_one_account(issuer: StaffIssuer, visitor: Client) -> None:
    there_and_back(visitor)
    known = StaffIdentity.objects.select_related("user").get()

    # What a process does that looked for the account before the other one had made it.
    assert accounts_module._made(person_of(issuer.claims({**ALICE, "iss": issuer.url}))) == known.user
    assert User.objects.count() == 1
