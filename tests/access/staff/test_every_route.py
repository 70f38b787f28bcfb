"""Every route of the admin by every role: the resolver is walked, so that none is missed.

Pages about sessions, usage and keys are walked, role by role, in the `test_who_may.py` of their apps.
"""

from collections.abc import Iterator

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls.resolvers import URLPattern, URLResolver

from tests.staff import admin_resolver, signed_in

ROLES = ("Nobody", "Support", "Auditor", "Operator", "Superuser")
OURS = ("conversations/", "access/")
APPS = ("access", "admin", "auth", "axes", "conversations")
APP_LIST, ANYTHING = "app_list", "(?P<url>.*)$"
ALL, READERS, SUPERUSER = set(ROLES), {"Auditor", "Operator", "Superuser"}, {"Superuser"}
OF_ONE = "<path:object_id>/"
# What Django makes for each model: who may open which page. Of what is on record nothing is added or changed by hand.
PAGES: dict[str, dict[str, set[str]]] = {
    "auth/user/": dict.fromkeys(("", "add/", "<id>/password/"), SUPERUSER),
    "auth/group/": dict.fromkeys(("", "add/"), SUPERUSER),
    "admin/logentry/": {"": READERS, "add/": set()},
    "axes/accessattempt/": {"": SUPERUSER, "add/": set()},
    "axes/accesslog/": {"": SUPERUSER, "add/": set()},
    "axes/accessfailurelog/": {"": SUPERUSER, "add/": set()},
}
OF_AN_OBJECT = {
    "auth/user/": dict.fromkeys(("history/", "delete/", "change/"), SUPERUSER),
    "auth/group/": dict.fromkeys(("history/", "delete/", "change/"), SUPERUSER),
    "admin/logentry/": {"history/": READERS, "delete/": set(), "change/": READERS},
    "axes/accessattempt/": dict.fromkeys(("history/", "delete/", "change/"), SUPERUSER),
    "axes/accesslog/": dict.fromkeys(("history/", "delete/", "change/"), SUPERUSER),
    "axes/accessfailurelog/": dict.fromkeys(("history/", "delete/", "change/"), SUPERUSER),
}
MAY_OPEN = {
    **dict.fromkeys(("", "password_change/", "password_change/done/", "jsi18n/"), ALL),
    **{model + page: may for model, pages in PAGES.items() for page, may in pages.items()},
    **{model + OF_ONE + page: may for model, pages in OF_AN_OBJECT.items() for page, may in pages.items()},
}
# What everybody is answered, whoever they are: signed in already; by POST alone; no field has it; leads to `change/`.
SAME_FOR_ALL = {
    "login/": 302,
    "logout/": 405,
    "autocomplete/": 403,
    ANYTHING: 404,
    **{model + OF_ONE: 302 for model in PAGES},
}
APPS_OF = {
    "Nobody": set[str](),
    "Support": {"conversations"},
    "Auditor": {"conversations", "access", "admin"},
    "Operator": {"conversations", "access", "admin"},
    "Superuser": set(APPS),
}


@pytest.fixture
def objects(db: None) -> dict[str, object]:
    """One of each model that the admin shows, by the beginning of its routes."""
    user = User.objects.create_user("somebody")
    sign_in = {"username": "somebody", "ip_address": "192.0.2.1", "user_agent": "x"}
    entry = LogEntry.objects.create(user=user, object_id="one", object_repr="one", action_flag=CHANGE)
    return {
        "auth/user/": user.pk,
        "auth/group/": Group.objects.create(name="A group").pk,
        "admin/logentry/": entry.pk,
        "axes/accessattempt/": AccessAttempt.objects.create(failures_since_start=1, **sign_in).pk,
        "axes/accesslog/": AccessLog.objects.create(**sign_in).pk,
        "axes/accessfailurelog/": AccessFailureLog.objects.create(**sign_in).pk,
    }


def routes() -> Iterator[str]:
    """The admin's routes; that of the apps' own lists by its name, because it has their names in any order."""
    yield from _walked(admin_resolver(), "")


def _walked(resolver: URLResolver, before: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walked(each, route)
        else:
            yield APP_LIST if isinstance(each, URLPattern) and each.name == APP_LIST else route


def address(route: str, objects: dict[str, object]) -> str:
    """Where a route leads to the object of its model."""
    model = "/".join(route.split("/")[:2]) + "/"
    filled = route.replace(OF_ONE, f"{objects.get(model)}/").replace("<id>", str(objects.get(model)))
    return "/admin/" + filled.replace(ANYTHING, "nonsense/")


def test_every_route_has_its_row() -> None:
    found = {route for route in routes() if not route.startswith(OURS)}
    assert found == set(MAY_OPEN) | set(SAME_FOR_ALL) | {APP_LIST}


@pytest.mark.parametrize("role", ROLES)
def test_every_route_opens_for_those_who_may_and_for_nobody_else(objects: dict[str, object], role: str) -> None:
    client = signed_in(role)
    expected = {route: 200 if role in may else 403 for route, may in MAY_OPEN.items()} | SAME_FOR_ALL
    assert {route: client.get(address(route, objects)).status_code for route in expected} == expected


@pytest.mark.parametrize("role", ROLES)
def test_an_app_is_listed_for_those_who_may_see_something_of_it(db: None, role: str) -> None:
    client = signed_in(role)
    opened = {app for app in APPS if client.get(f"/admin/{app}/").status_code == 200}
    assert opened == APPS_OF[role]


@pytest.mark.parametrize("is_staff", [False, None])
def test_strangers_are_sent_to_the_sign_in_by_every_route(objects: dict[str, object], is_staff: bool | None) -> None:
    client = Client(headers={"user-agent": "test"})
    if is_staff is not None:
        client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    for route in set(routes()) - {"login/", APP_LIST}:
        answer = client.get(address(route, objects))
        assert (route, answer.status_code) == (route, 302)
        assert answer["Location"].startswith(("/admin/login/", "/admin/" if route == "logout/" else "/admin/login/"))
