"""What is told and where it goes when nobody says so."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.test_settings_documented import read_settings

KEY = {"DJANGO_SECRET_KEY": "any"}
NAMES = ("LOG_FORMAT", "METRICS", "METRICS_PORT", "TRACES")


@pytest.mark.parametrize(
    ("environment", "defaults"),
    [
        ({}, ("json", "prometheus", 9464, "off")),
        ({"LOCAL_MODE": "on"}, ("line", "prometheus", 0, "off")),
        ({"AWS_LAMBDA_FUNCTION_NAME": "chatbot-api"}, ("json", "emf", 9464, "off")),
        ({"AWS_LAMBDA_FUNCTION_NAME": "chatbot-api", "METRICS": "off"}, ("json", "off", 9464, "off")),
    ],
    ids=["production", "local mode", "lambda", "lambda without metrics"],
)
def test_defaults_follow_the_place(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], defaults: tuple[str, str, int, str]
) -> None:
    found = read_settings(monkeypatch, KEY | environment)

    assert tuple(found[name] for name in NAMES) == defaults


def test_metrics_do_not_take_the_services_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="METRICS_PORT must not be PORT"):
        read_settings(monkeypatch, KEY | {"PORT": "9464"})


@pytest.mark.parametrize("name", ["LOG_FORMAT", "METRICS", "TRACES"])
def test_a_word_that_means_nothing_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be one of "):
        read_settings(monkeypatch, KEY | {name: "everything"})
