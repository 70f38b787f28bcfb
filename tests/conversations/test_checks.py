"""System checks of the chat settings."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings


def found() -> set[str | None]:
    return {message.id for message in run_checks()}


def test_the_defaults_are_clean() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("CHAT_DEADLINE_SECONDS", 0, "chatbot.E001"),
        ("MAX_OUTPUT_TOKENS", 0, "chatbot.E001"),
        ("HISTORY_RETENTION_DAYS", -1, "chatbot.E002"),
        ("BEDROCK_REGIONS", [], "chatbot.E003"),
        ("BEDROCK_MODELS", ["acme.model-1"], "chatbot.W001"),
    ],
)
def test_contradictions_are_said(settings: Settings, name: str, value: object, check: str) -> None:
    setattr(settings, name, value)
    assert found() == {check}
