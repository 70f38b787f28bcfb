import pytest
from pytest_django import Settings

from access.limits.checks import check_limits


def test_the_settings_of_a_deployment_are_fine(settings: Settings) -> None:
    settings.RATE_LIMIT, settings.RATE_LIMIT_FAILURES = "60/minute", "30/minute"
    settings.MAX_CONCURRENT_TURNS, settings.TRUSTED_PROXIES = 20, 1
    settings.REDIS_URL = "rediss://user:password@cache.example.com:6379/0"
    assert check_limits() == []


@pytest.mark.parametrize(
    ("setting", "value", "check_id"),
    [
        ("RATE_LIMIT", "often", "chatbot.E111"),
        ("RATE_LIMIT_FAILURES", "0/minute", "chatbot.E112"),
        ("MAX_CONCURRENT_TURNS", -1, "chatbot.E113"),
        ("TRUSTED_PROXIES", -1, "chatbot.E114"),
        ("REDIS_URL", "http://secret@cache", "chatbot.E115"),
    ],
)
def test_names_the_setting_that_cannot_be_kept(settings: Settings, setting: str, value: object, check_id: str) -> None:
    setattr(settings, setting, value)
    (found,) = check_limits()
    assert found.id == check_id
    assert setting in found.msg
    assert "secret" not in str(found)
