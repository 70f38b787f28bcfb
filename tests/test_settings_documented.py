"""`.env.example` says what settings.py reads: the same names, and the defaults that are really in force."""

import ast
import itertools
import re
import runpy
from typing import Any

import pytest
from django.conf import settings

SETTINGS = settings.BASE_DIR / "chatbot_project" / "settings.py"
EXAMPLE = settings.BASE_DIR / ".env.example"
# What the SDKs of AWS and OpenTelemetry read, and settings.py does not.
OF_THE_SDK = {
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    "AWS_ENDPOINT_URL_BEDROCK",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
}


def names_read() -> list[str]:
    """The first argument of every `env.…("NAME", …)` in settings.py."""
    calls = [node for node in ast.walk(ast.parse(SETTINGS.read_text())) if isinstance(node, ast.Call)]
    return [
        ast.literal_eval(call.args[0])
        for call in calls
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "env"
    ]


def documented() -> list[tuple[str, str]]:
    """Name and default of every setting in .env.example, in its order."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE.read_text(), flags=re.MULTILINE)


def read_settings(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> dict[str, Any]:
    """The settings that settings.py makes of an environment that says nothing else."""
    for name in (*names_read(), *OF_THE_SDK):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return {name: value for name, value in runpy.run_path(str(SETTINGS)).items() if name.isupper()}


def test_every_setting_is_documented_once_and_nothing_else_is() -> None:
    names = [name for name, _ in documented()]

    assert sorted(names) == sorted({*names_read(), *OF_THE_SDK})


def test_every_documented_default_is_the_one_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    key = {"DJANGO_SECRET_KEY": "any"}
    stated = {name: value for name, value in documented() if value}

    assert read_settings(monkeypatch, key | stated) == read_settings(monkeypatch, key)


def test_every_setting_has_a_line_that_says_what_it_means() -> None:
    lines = EXAMPLE.read_text().splitlines()
    explained = [
        name
        for before, line in itertools.pairwise(lines)
        for name in re.findall(r"^#?([A-Z][A-Z0-9_]*)=", line)
        if before.startswith(("# ", "#AWS_"))  # one line explains a group of the SDK's
    ]

    assert explained == [name for name, _ in documented()]


def test_the_example_is_read_by_a_shell() -> None:
    assert not [value for _, value in documented() if set(value) & set(" '\"$`\\;&|<>()*?~")]


def test_only_settings_reads_the_environment() -> None:
    apps = ("chatbot_project", "conversations", "bedrock_client", "access", "telemetry")
    readers = {
        str(path.relative_to(settings.BASE_DIR))
        for app in apps
        for path in (settings.BASE_DIR / app).rglob("*.py")
        if re.search(r"os\.environ|os\.getenv|environ\.Env\b", path.read_text())
    }

    # wsgi.py names the settings module, as Django wants it.
    assert readers == {"chatbot_project/settings.py", "chatbot_project/wsgi.py"}
