"""Every page of the admin by every role: what a role may not do leaks nothing and leaves nothing behind."""

import datetime as dt
import re
from importlib import import_module
from urllib.parse import parse_qsl

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls.resolvers import URLPattern, URLResolver
from pytest_django.fixtures import Settings

from conversations.admin.audit import message_of
from conversations.admin.checks import check_staff_settings
from conversations.store.tables import SESSION_KEY, SessionRow
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.stored import TODAY, YESTERDAY, a_stuck_session, said
from tests.conversations.admin.usage_stored import idle_days_copied
from tests.faulty_dynamodb import FaultyDynamoDB
from tests.staff import admin_resolver

S = "/admin/conversations/session/"
SECRET = "nobody-else-may-read-this"
# name of the page: address, who may see it; a word search is the list, asked for what was said.
PAGES: dict[str, tuple[str, set[str]]] = {
    "conversations_session_changelist": (S, {"Support", "Auditor", "Operator"}),
    "words": (f"{S}?owner=alice&words=nobody", {"Support", "Auditor", "Operator"}),
    "conversations_session_change": (f"{S}one/change/", {"Support", "Auditor", "Operator"}),
    "conversations_session_reason": (f"{S}reason/?action=read", {"Support", "Auditor", "Operator"}),
    "conversations_session_export": (f"{S}one/export/", {"Auditor", "Operator"}),
    "conversations_session_erase": (f"{S}one/erase/", {"Operator"}),
    "conversations_session_erase_owner": (f"{S}erase-owner/?owner=alice", {"Operator"}),
    "conversations_session_cancel": (f"{S}one/cancel/", {"Operator"}),
    "conversations_session_retitle": (f"{S}one/title/", {"Operator"}),
    "conversations_stuckturn_changelist": ("/admin/conversations/stuckturn/", {"Support", "Auditor", "Operator"}),
    "conversations_usage_changelist": ("/admin/conversations/usage/", {"Support", "Auditor", "Operator"}),
    "conversations_usage_export": ("/admin/conversations/usage/export/", {"Auditor", "Operator"}),
    "admin_logentry_changelist": ("/admin/admin/logentry/", {"Auditor", "Operator"}),
}
# Django's own pages of the audit trail, which nobody but a reader may open: tested below.
TRAIL = {f"admin_logentry_{name}" for name in ("add", "change", "delete", "history")}
# Pages that ask something, or show what the relational database holds.
WITHOUT_DYNAMODB = {"admin_logentry_changelist", "conversations_session_reason", "conversations_usage_export"}
FORMS = {"export_format": "json", "title": "New", "confirmed": "alice", "reason": "x"}
ROLES = ["Nobody", "Support", "Auditor", "Operator", "Superuser"]


@pytest.fixture
def stored(dynamodb: FaultyDynamoDB) -> FaultyDynamoDB:
    """One session that says something."""
    a_stuck_session("one", title="A title")
    said("one", SECRET, SECRET)
    dynamodb.requests.clear()
    return dynamodb


@pytest.fixture
def idle_month_copied(db: None) -> None:
    """Nothing was used before today, and the page of usage knows: each day takes dozens of calls."""
    idle_days_copied(TODAY - dt.timedelta(days=31), TODAY - dt.timedelta(days=1))


def opened(client: Client, name: str) -> tuple[int, str]:
    """Status and HTML of a page; for a word search of the one that its form leads to, if it leads anywhere."""
    address, _ = PAGES[name]
    if name == "words":
        address = client.post(S, {"owner": "alice", "words": "nobody"}).headers.get("Location", address)
    answer = client.get(address)
    return answer.status_code, answer.content.decode()


def names() -> set[str]:
    """The admin's pages that are about sessions or the audit trail, by name."""
    found: set[str] = set()
    for each in admin_resolver().url_patterns:
        patterns = each.url_patterns if isinstance(each, URLResolver) else [each]
        found |= {str(one.name) for one in patterns if isinstance(one, URLPattern) and one.name}
    return {name for name in found if name.startswith(("conversations_", "admin_logentry"))}


def test_every_page_has_its_row() -> None:
    assert names() == (set(PAGES) - {"words"}) | TRAIL


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_those_who_may(
    stored: FaultyDynamoDB, idle_month_copied: None, sign_in: SignIn, role: str, name: str
) -> None:
    _, may = PAGES[name]
    status, html = opened(sign_in(role), name)
    if role in may | {"Superuser"}:
        assert status == 200
        return
    assert status == 403
    assert_nothing_happened(stored, html)


# What a deed answers, and what it goes on record as.
DEEDS = {
    "session_export": (200, "export"),
    "session_erase": (200, "erase"),
    "session_erase_owner": (200, "erase"),
    "session_cancel": (302, "cancel"),
    "session_retitle": (302, "retitle"),
    "usage_export": (200, "export_usage"),
}
MAY_DO = {deed: PAGES[f"conversations_{deed}"][1] | {"Superuser"} for deed in DEEDS}
ALLOWED = [(role, deed) for role in ROLES for deed in DEEDS if role in MAY_DO[deed]]
REFUSED = [(role, deed) for role in ROLES for deed in DEEDS if role not in MAY_DO[deed]]


def heads() -> list[tuple[str, bool]]:
    """The titles of the sessions there are, and whether they have a turn without an answer."""
    return [(row.title, bool(row.pending)) for row in SessionRow.scan() if row.timestamp == SESSION_KEY]


@pytest.mark.parametrize(("role", "deed"), ALLOWED)
def test_a_deed_is_done_for_those_who_may_and_goes_on_record(
    stored: FaultyDynamoDB, idle_month_copied: None, sign_in: SignIn, role: str, deed: str
) -> None:
    before = heads()
    answer = sign_in(role).post(PAGES[f"conversations_{deed}"][0], FORMS)
    body = answer.getvalue().decode()
    assert (answer.status_code, SECRET in body) == (DEEDS[deed][0], deed == "session_export")
    done = {
        "session_erase": [],
        "session_erase_owner": [],
        "session_cancel": [("A title", False)],
        "session_retitle": [("New", True)],
    }
    assert heads() == done.get(deed, before)
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), message_of(entry)["action"]) == (role.lower(), DEEDS[deed][1])


@pytest.mark.parametrize(("role", "name"), REFUSED)
def test_a_deed_is_refused_to_those_who_may_not(stored: FaultyDynamoDB, sign_in: SignIn, role: str, name: str) -> None:
    address, _ = PAGES[f"conversations_{name}"]
    answer = sign_in(role).post(address, FORMS)
    assert answer.status_code == 403
    assert_nothing_happened(stored, answer.content.decode())


# Permissions that open pages about a session, the pages that each opens by itself, and whether those name its title.
OPENS: dict[str, tuple[tuple[str, ...], bool]] = {
    "view_session": ((f"{S}?owner=alice", f"{S}?q=one", f"{S}?day={YESTERDAY:%Y-%m-%d}"), True),
    "export_session": ((f"{S}one/export/",), True),
    "erase_session": ((f"{S}one/erase/",), True),
    "cancel_turn": ((f"{S}one/cancel/",), True),
    "retitle_session": ((f"{S}one/title/",), True),
    "erase_owner": ((f"{S}erase-owner/?owner=alice",), False),
}


def give(*codenames: str) -> None:
    """Gives the one account permissions of ours."""
    ours = Permission.objects.filter(content_type__app_label="conversations", codename__in=codenames)
    User.objects.get().user_permissions.add(*ours)


@pytest.mark.parametrize("permission", OPENS)
def test_a_title_is_for_those_who_may_read_what_was_said(
    stored: FaultyDynamoDB, sign_in: SignIn, permission: str
) -> None:
    addresses, names_it = OPENS[permission]
    client = sign_in("Nobody")
    give(permission)
    for address in (*addresses, *(address for address, _ in PAGES.values())):
        html = client.get(address).content.decode()
        assert "A title" not in html
        assert (address not in addresses) or ("(title hidden)" in html) == names_it
    give("read_transcript")
    for address in addresses:
        assert ("A title" in client.get(address).content.decode()) == names_it


def test_the_dearest_sessions_have_their_titles_for_those_who_may_read_them(
    stored: FaultyDynamoDB, sign_in: SignIn
) -> None:
    client = sign_in("Nobody")
    address = f"/admin/conversations/usage/?since={YESTERDAY:%Y-%m-%d}&until={YESTERDAY:%Y-%m-%d}"
    give("view_usage", "view_session")
    html = client.get(address).content.decode()
    assert ("A title" in html, "one (title hidden)" in html) == (False, True)
    give("read_transcript")
    assert "A title" in client.get(address).content.decode()


def test_words_are_searched_for_in_no_title_by_those_who_may_not_read(stored: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Nobody")
    give("view_session")
    stored.requests.clear()
    for asked in ("owner=alice&words=title", "words=title", "owner=alice&words=nothing"):
        for answer in (client.get(f"{S}?{asked}"), client.post(S, dict(parse_qsl(asked)))):
            assert answer.status_code == 403
            assert_nothing_happened(stored, answer.content.decode())
    assert "staff_words" not in client.session
    assert "one" not in re.findall(r"session/([^/]+)/", client.get(f"{S}?q=title").content.decode())


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ["stranger", "account that is no staff"])
def test_others_are_sent_to_the_sign_in(stored: FaultyDynamoDB, db: None, role: str, name: str) -> None:
    client = Client()
    if role != "stranger":
        user = User.objects.create_user("visitor")
        user.groups.add(*Group.objects.all())
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for answer in (client.get(PAGES[name][0]), client.post(PAGES[name][0], FORMS)):
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")
        assert_nothing_happened(stored, answer.content.decode())


def assert_nothing_happened(dynamodb: FaultyDynamoDB, html: str) -> None:
    """Nothing was read, told, changed or recorded."""
    assert SECRET not in html
    assert "A title" not in html
    assert dynamodb.calls == []
    assert SessionRow.get("one", SESSION_KEY).title == "A title"
    assert LogEntry.objects.count() == 0
    dynamodb.requests.clear()


def test_whoever_may_only_list_finds_no_way_to_what_was_said(stored: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Nobody")
    user = User.objects.get(username="nobody")
    user.user_permissions.add(Permission.objects.get(content_type__app_label="conversations", codename="view_session"))
    html = client.get(f"{S}?owner=alice").content.decode()
    assert "one (title hidden)" in html
    assert "/change/" not in html
    assert 'name="words"' not in html
    assert client.get(f"{S}?owner=alice&words=nobody").status_code == 403
    assert client.post(S, {"owner": "alice", "words": "nobody"}).status_code == 403
    assert client.get(f"{S}one/change/").status_code == 403
    assert client.get("/admin/conversations/stuckturn/?days=3").content.decode().count("/change/") == 0


def test_the_pages_offer_only_what_the_role_may(stored: FaultyDynamoDB, sign_in: SignIn) -> None:
    offered = {
        "Support": [],
        "Auditor": ["/export/", "logentry/?subject=one"],
        "Operator": ["/export/", "/erase/", "/cancel/", "/title/", "/erase-owner/", "logentry/?subject=one"],
    }
    deeds = offered["Operator"]
    for role, expected in offered.items():
        html = sign_in(role).get(f"{S}one/change/").content.decode()
        assert [deed for deed in deeds if deed in html] == expected


@pytest.mark.parametrize("role", ["Auditor", "Operator", "Superuser"])
def test_nobody_changes_or_deletes_the_audit_trail(stored: FaultyDynamoDB, sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    client.get(f"{S}one/change/")
    entry = LogEntry.objects.get()
    trail = "/admin/admin/logentry/"
    assert client.get(f"{trail}{entry.pk}/change/").status_code == 200
    assert "delete_selected" not in client.get(f"{trail}?q=one").content.decode()
    form = {"reason": "none", "action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    for address in (f"{trail}add/", f"{trail}{entry.pk}/change/", f"{trail}{entry.pk}/delete/"):
        assert client.post(address, form).status_code == 403
    client.post(trail, form)
    assert LogEntry.objects.get().change_message == entry.change_message


def test_the_audit_trail_has_its_name_wherever_it_is_shown(stored: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Auditor")
    client.get(f"{S}one/change/")
    trail = "/admin/admin/logentry/"
    for address in ("/admin/", "/admin/admin/", trail, f"{trail}{LogEntry.objects.get().pk}/change/"):
        html = client.get(address).content.decode()
        assert "Audit trail" in html
        assert "Log entr" not in html


def test_an_account_with_entries_cannot_be_deleted(stored: FaultyDynamoDB, sign_in: SignIn) -> None:
    sign_in("Support").get(f"{S}one/change/")
    user = User.objects.get(username="support")
    answer = sign_in("Superuser").post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert LogEntry.objects.count() == 1


def test_the_trail_says_who_did_what_when_from_where_and_why(stored: FaultyDynamoDB, sign_in: SignIn) -> None:
    sign_in("Operator").post(f"{S}one/export/", FORMS, REMOTE_ADDR="192.0.2.9")
    html = sign_in("Auditor").get("/admin/admin/logentry/?q=one").content.decode()
    for part in ("operator", "export", "one", "192.0.2.9", ">x<"):
        assert part in html


@pytest.mark.parametrize("name", [name for name in PAGES if name not in WITHOUT_DYNAMODB])
def test_with_dynamodb_away_a_page_says_so_and_the_rest_works(
    stored: FaultyDynamoDB, sign_in: SignIn, name: str
) -> None:
    stored.fault("reset", "Query", times=None)
    stored.fault("reset", "GetItem", times=None)
    client = sign_in("Operator")
    status, html = opened(client, name)
    assert (status, "DynamoDB cannot be reached" in html) == (503, True)
    for address in ("/admin/", "/admin/admin/logentry/", "/admin/conversations/"):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_nothing_inline(
    stored: FaultyDynamoDB, idle_month_copied: None, sign_in: SignIn, name: str
) -> None:
    _, html = opened(sign_in("Operator"), name)
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", html) == []


def test_the_groups_have_these_permissions_of_sessions_and_no_others(db: None) -> None:
    held = {
        group.name: {
            f"{each.content_type.app_label}.{each.codename}"
            for each in group.permissions.filter(content_type__app_label__in=["conversations", "admin"])
        }
        for group in Group.objects.all()
    }
    support = {"conversations.view_session", "conversations.read_transcript", "conversations.view_usage"}
    auditor = support | {"conversations.export_session", "conversations.export_usage", "admin.view_logentry"}
    deeds = {"cancel_turn", "retitle_session", "erase_session", "erase_owner"}
    operator = auditor | {f"conversations.{deed}" for deed in deeds}
    assert held == {"Support": support, "Auditor": auditor, "Operator": operator}


def test_upgrading_gives_the_groups_what_they_lack_and_takes_nothing(db: None) -> None:
    support, own = Group.objects.get(name="Support"), Permission.objects.get(codename="erase_session")
    support.permissions.set([own])
    Group.objects.get(name="Auditor").delete()
    import_module("conversations.migrations.0004_usage_and_cost").give_permissions(apps, None)
    assert set(support.permissions.values_list("codename", flat=True)) == {"erase_session", "view_usage"}
    auditor = Group.objects.get(name="Auditor")
    assert set(auditor.permissions.values_list("codename", flat=True)) == {"view_usage", "export_usage"}


def test_a_reason_cannot_be_asked_for_what_nobody_does(settings: Settings) -> None:
    settings.STAFF_REASON_REQUIRED = ["read", "delete"]
    assert [(found.id, found.msg) for found in check_staff_settings()] == [
        ("chatbot.E301", "STAFF_REASON_REQUIRED names what staff cannot do: delete.")
    ]
    settings.STAFF_REASON_REQUIRED = ["read", "erase", "export_usage"]
    assert check_staff_settings() == []
