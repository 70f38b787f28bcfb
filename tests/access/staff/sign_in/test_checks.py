"""System checks of where staff sign in."""

import pytest
from django.contrib.auth.models import Group
from django.core.checks import run_checks
from django.db import connection
from pytest_django import Settings

OIDC = {
    "STAFF_OIDC_ISSUER": "https://issuer.example",
    "STAFF_OIDC_CLIENT_ID": "staff-pages",
    "STAFF_OIDC_CLIENT_SECRET": "secret",
    "STAFF_OIDC_GROUPS": {"chat-support": "Support"},
}


@pytest.mark.parametrize(
    ("values", "checks"),
    [
        ({}, set()),
        (OIDC, set()),
        (OIDC | {"STAFF_PASSWORDS": False}, set()),
        (OIDC | {"STAFF_OIDC_ISSUER": "http://127.0.0.1:9000"}, set()),
        (OIDC | {"STAFF_OIDC_ISSUER": "http://issuer.example"}, {"chatbot.E131"}),
        (OIDC | {"STAFF_OIDC_CLIENT_ID": ""}, {"chatbot.E132"}),
        (OIDC | {"STAFF_OIDC_CLIENT_SECRET": ""}, {"chatbot.E132"}),
        (OIDC | {"STAFF_OIDC_GROUPS": {}}, {"chatbot.E133"}),
        (OIDC | {"STAFF_OIDC_SCOPES": ["profile"]}, {"chatbot.E134"}),
        ({"STAFF_PASSWORDS": False}, {"chatbot.E135"}),
        (OIDC | {"STAFF_OIDC_ISSUER": ""}, {"chatbot.W131"}),
        ({"STAFF_OIDC_GROUPS": {"chat-support": "Support"}}, {"chatbot.W131"}),
    ],
)
def test_contradictions_are_said(settings: Settings, values: dict[str, object], checks: set[str]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)

    assert {message.id for message in run_checks()} == checks


def test_what_is_missing_is_named(settings: Settings) -> None:
    settings.STAFF_OIDC_ISSUER = "https://issuer.example"
    settings.STAFF_OIDC_GROUPS = {"chat-support": "Support"}

    assert [message.msg for message in run_checks()] == [
        "STAFF_OIDC_ISSUER is set and STAFF_OIDC_CLIENT_ID and STAFF_OIDC_CLIENT_SECRET not."
    ]


def test_groups_that_do_not_exist_are_named(settings: Settings, db: None) -> None:
    for name, value in OIDC.items():
        setattr(settings, name, value)
    settings.STAFF_OIDC_GROUPS = {"chat-support": "Support", "a": "Ghosts", "b": "Ghosts", "c": "Spirits"}

    found = run_checks(databases=["default"])
    assert [(message.id, message.msg) for message in found] == [
        ("chatbot.W132", "STAFF_OIDC_GROUPS names no group: Ghosts, Spirits.")
    ]
    Group.objects.bulk_create([Group(name="Ghosts"), Group(name="Spirits")])
    assert run_checks(databases=["default"]) == []


def test_before_the_first_migration_nothing_is_said_of_groups(settings: Settings, transactional_db: None) -> None:
    for name, value in OIDC.items():
        setattr(settings, name, value)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE auth_group RENAME TO auth_group_away")
        try:
            assert run_checks(databases=["default"]) == []
        finally:
            cursor.execute("ALTER TABLE auth_group_away RENAME TO auth_group")
