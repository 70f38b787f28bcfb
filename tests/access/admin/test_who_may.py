"""Every page about keys by every role: what a role may not do tells nothing and changes nothing."""

import importlib
import re

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls.resolvers import URLPattern, URLResolver

from access.models import OneTimeForm
from tests.access.keys.making import issue, stored
from tests.faulty_dynamodb import FaultyDynamoDB
from tests.staff import admin_resolver

from .conftest import FORM, KEYS, SignIn
from .reading import page

NAME = "nobody-else-may-read-this"
ROLES = ["Nobody", "Support", "Auditor", "Operator", "Superuser"]
SEE, CHANGE = {"Auditor", "Operator", "Superuser"}, {"Operator", "Superuser"}
# Who may see the page; who may send its form, where it has one.
PAGES = {"changelist": SEE, "add": CHANGE, "change": SEE, "rotate": CHANGE, "revoke": CHANGE}
FORMS = FORM | {"overlap_hours": "1", "form_token": "x", "reason": "x"}
TO_SIGN_IN = (302, "/admin/login/")


@pytest.fixture
def addresses(dynamodb: FaultyDynamoDB) -> dict[str, str]:
    """Where the pages are, with one key in the table."""
    key_id = issue(name=NAME).key.key_id
    dynamodb.requests.clear()
    one = {name: f"{KEYS}{key_id}/{name}/" for name in ("change", "rotate", "revoke")}
    return {"changelist": KEYS, "add": f"{KEYS}add/", **one}


def assert_nothing_happened(dynamodb: FaultyDynamoDB, html: str) -> None:
    """Nothing was read, told, changed or recorded."""
    assert NAME not in html
    assert dynamodb.calls == []
    (item,) = stored()
    assert ("RevokedAt" in item, "RotatedTo" in item) == (False, False)
    assert (LogEntry.objects.count(), OneTimeForm.objects.count()) == (0, 0)
    dynamodb.requests.clear()


def test_every_page_has_its_row() -> None:
    names = {
        str(one.name)
        for each in admin_resolver().url_patterns
        if isinstance(each, URLResolver)
        for one in each.url_patterns
        if isinstance(one, URLPattern)
    }
    assert {name for name in names if name.startswith("access_")} == {f"access_apikey_{name}" for name in PAGES}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_those_who_may(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn, role: str, name: str
) -> None:
    answer = sign_in(role).get(addresses[name])
    if role in PAGES[name]:
        assert answer.status_code == 200
        return
    assert answer.status_code == 403
    assert_nothing_happened(dynamodb, answer.content.decode())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["add", "rotate", "revoke"])
def test_a_deed_is_refused_to_those_who_may_not(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn, role: str, name: str
) -> None:
    answer = sign_in(role).post(addresses[name], FORMS)
    if role in CHANGE:
        assert answer.status_code != 403
        return
    assert answer.status_code == 403
    assert_nothing_happened(dynamodb, answer.content.decode())


@pytest.mark.parametrize("permission", ["view_apikey", "manage_apikey"])
def test_managing_takes_both_permissions(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn, permission: str
) -> None:
    client = sign_in("Nobody")
    User.objects.get().user_permissions.add(Permission.objects.get(codename=permission))
    for name in ("add", "rotate", "revoke"):
        for answer in (client.get(addresses[name]), client.post(addresses[name], FORMS)):
            assert answer.status_code == 403
            assert_nothing_happened(dynamodb, answer.content.decode())


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["stranger", "account that is no staff"])
def test_others_are_sent_to_the_sign_in(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], db: None, who: str, name: str
) -> None:
    client = Client()
    if who != "stranger":
        user = User.objects.create_user("visitor")
        user.groups.add(*Group.objects.all())
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for answer in (client.get(addresses[name]), client.post(addresses[name], FORMS)):
        assert (answer.status_code, answer["Location"].partition("?")[0]) == TO_SIGN_IN
        assert_nothing_happened(dynamodb, answer.content.decode())


@pytest.mark.parametrize("name", ["add", "rotate", "revoke"])
def test_a_form_of_another_site_is_refused(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn, name: str
) -> None:
    sign_in("Operator")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(addresses[name], FORMS)
    assert answer.status_code == 403
    assert_nothing_happened(dynamodb, answer.content.decode())


def test_reading_a_page_changes_nothing(dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn) -> None:
    client = sign_in("Operator")
    before = stored()
    for address in addresses.values():
        page(client, address)
    assert (stored(), LogEntry.objects.count()) == (before, 0)


def test_the_pages_offer_only_what_the_role_may(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn
) -> None:
    for role, expected in {"Auditor": [False] * 4, "Operator": [True] * 4}.items():
        client = sign_in(role)
        index, shown = page(client, "/admin/"), page(client, addresses["change"])
        offered = [
            addresses["add"] in index,
            addresses["add"] in page(client, KEYS),
            *(addresses[name] in shown for name in ("rotate", "revoke")),
        ]
        assert (KEYS in index, offered) == (True, expected)
    assert KEYS not in page(sign_in("Support"), "/admin/")


@pytest.mark.parametrize("name", [name for name in PAGES if name != "add"])
def test_with_dynamodb_away_a_page_says_so_and_the_rest_works(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn, name: str
) -> None:
    dynamodb.fault("reset", "Query", times=None)
    client = sign_in("Operator")
    answer = client.get(addresses[name])
    assert (answer.status_code, "DynamoDB cannot be reached" in answer.content.decode()) == (503, True)
    for address in ("/admin/", "/admin/access/", addresses["add"]):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_nothing_inline(
    dynamodb: FaultyDynamoDB, addresses: dict[str, str], sign_in: SignIn, name: str
) -> None:
    html = page(sign_in("Operator"), addresses[name])
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", html) == []


def held() -> dict[str, set[str]]:
    """What the groups may do with keys."""
    return {
        group.name: set(group.permissions.filter(content_type__app_label="access").values_list("codename", flat=True))
        for group in Group.objects.all()
    }


def test_the_groups_may_do_this_with_keys_and_nothing_else(db: None) -> None:
    assert {name: may for name, may in held().items() if may} == {
        "Auditor": {"view_apikey"},
        "Operator": {"view_apikey", "manage_apikey"},
    }
    names = Permission.objects.filter(content_type__app_label="access").values_list("codename", "name")
    assert dict(names) == {
        "view_apikey": "Can view API key",
        "manage_apikey": "Can create, rotate and revoke API keys",
    }


@pytest.mark.parametrize("there_before", [False, True])
def test_groups_are_made_or_given_what_they_lack(db: None, there_before: bool) -> None:
    expected, others = held(), Permission.objects.get(codename="view_user")
    if there_before:
        for group in Group.objects.all():
            group.permissions.set([others])
    else:
        Group.objects.all().delete()

    migration = importlib.import_module("access.migrations.0002_staff_may_see_and_manage_keys")
    migration.give_permissions(apps, None)

    assert {name: may for name, may in held().items() if may} == {name: may for name, may in expected.items() if may}
    kept = Group.objects.filter(permissions=others).count()
    assert kept == (Group.objects.count() if there_before else 0)
