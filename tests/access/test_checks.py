"""System checks of who is let in."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from tests.access.load_balancer.signing import ARN

OIDC = {"OIDC_ISSUER": "https://issuer.example", "OIDC_AUDIENCE": ["the-app"]}
ALB = {"ALB_ARN": ARN, "ALB_CLIENT_IDS": ["the-app"]}


@pytest.mark.parametrize(
    ("values", "checks"),
    [
        ({}, set()),
        (OIDC, set()),
        (ALB, set()),
        (OIDC | {"OIDC_ISSUER": "http://127.0.0.1:9000"}, set()),
        (OIDC | {"OIDC_GROUP_SCOPES": {"staff": "chat+models"}}, set()),
        (OIDC | {"OIDC_ISSUER": "http://issuer.example"}, {"chatbot.E101"}),
        (OIDC | {"OIDC_ISSUER": "issuer.example"}, {"chatbot.E101"}),
        (OIDC | {"OIDC_AUDIENCE": []}, {"chatbot.E102"}),
        ({"OIDC_TOKEN_USE": "refresh"}, {"chatbot.E103"}),
        (OIDC | {"OIDC_GROUP_SCOPES": {"staff": "chat+admin"}}, {"chatbot.E104"}),
        (OIDC | {"OIDC_GROUP_SCOPES": {"staff": ""}}, {"chatbot.E104"}),
        (ALB | {"ALB_ARN": "chatbot"}, {"chatbot.E105"}),
        (ALB | {"ALB_CLIENT_IDS": []}, {"chatbot.E106"}),
        (OIDC | {"OIDC_ISSUER": ""}, {"chatbot.W101"}),
        (ALB | {"ALB_ARN": ""}, {"chatbot.W102"}),
    ],
)
def test_contradictions_are_said(settings: Settings, values: dict[str, object], checks: set[str]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)

    assert {message.id for message in run_checks()} == checks


def test_a_scope_that_does_not_exist_is_named(settings: Settings) -> None:
    settings.OIDC_GROUP_SCOPES = {"staff": "chat+admin"}

    assert [message.msg for message in run_checks()] == [
        "OIDC_GROUP_SCOPES: no such scope: 'admin'; there are chat, history:read, history:delete, models."
    ]
