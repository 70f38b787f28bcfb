"""What is refused before it is served, as `manage.py check --deploy` and the WSGI application's import say it."""

import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from chatbot_project.checks import check_metrics, refuse_unsafe_settings
from tests.chatbot_project.production import ENVIRONMENT

CHECK = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
SERVE = ["-c", "import chatbot_project.wsgi"]


def run(command: list[str], **changes: str) -> tuple[int, str]:
    """Exit code and everything printed, in production's environment but for `changes`."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=ENVIRONMENT | {"STATIC_ROOT": settings.STATIC_ROOT} | changes,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_sensible_deployment_has_nothing_to_report() -> None:
    assert run(CHECK) == (0, "System check identified no issues (1 silenced).\n")
    assert run(SERVE) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("SECRET_KEY", "k" * 60, "chatbot.E201"),
        ("SECRET_KEY", "abcdefghij" * 4, "chatbot.E201"),
        ("SECRET_KEY", "django-insecure-" + "abcdefghij" * 5, "chatbot.E201"),
        ("DEBUG", True, "chatbot.E202"),
        ("ALLOWED_HOSTS", ["chatbot.example.com", "*"], "chatbot.E203"),
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO",), "chatbot.E205"),
        ("SECURE_PROXY_SSL_HEADER", ("X-Forwarded-Proto", "https"), "chatbot.E205"),
    ],
)
def test_refuses_to_serve_what_is_not_safe(settings: Settings, name: str, value: object, check: str) -> None:
    setattr(settings, name, value)

    (found,) = run_checks()
    assert found.id == check
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_unsafe_settings()
    assert str(refused.value) == f"The server does not start with these settings. {found.msg} {found.hint}"


def test_metrics_are_shown_to_everybody_only_on_purpose() -> None:
    code, printed = run(CHECK, METRICS_PORT="0")
    assert (code, re.findall(r"^\?: \((.*?)\)", printed, flags=re.MULTILINE)) == (1, ["chatbot.W202"])

    assert run(CHECK, METRICS_PORT="0", SILENCED_SYSTEM_CHECKS="chatbot.W202")[0] == 0


@pytest.mark.parametrize(
    ("function", "metrics", "port", "said"),
    [
        ("chatbot-api", "prometheus", 9464, ["chatbot.W201"]),
        ("chatbot-api", "prometheus", 0, ["chatbot.W201"]),
        ("chatbot-api", "emf", 0, []),
        ("", "off", 0, []),
    ],
)
def test_metrics_go_where_somebody_can_read_them_or_nowhere(
    settings: Settings, function: str, metrics: str, port: int, said: list[str]
) -> None:
    settings.AWS_LAMBDA_FUNCTION_NAME, settings.METRICS, settings.METRICS_PORT = function, metrics, port

    assert [message.id for message in check_metrics()] == said


def test_callers_must_have_time_to_send_a_request(settings: Settings) -> None:
    settings.REQUEST_READ_SECONDS = 0

    assert [message.id for message in run_checks()] == ["chatbot.E206"]


def test_says_everything_at_once() -> None:
    code, said = run(SERVE, DJANGO_SECRET_KEY="too-short", DJANGO_DEBUG="on", DJANGO_ALLOWED_HOSTS="*")

    assert code == 1
    assert all(name in said for name in ("DJANGO_SECRET_KEY", "DJANGO_DEBUG", "DJANGO_ALLOWED_HOSTS"))
    assert "too-short" not in said


def test_local_mode_serves_all_that() -> None:
    assert run(SERVE, LOCAL_MODE="on", DJANGO_SECRET_KEY="short", DJANGO_DEBUG="on", DJANGO_ALLOWED_HOSTS="*") == (
        0,
        "",
    )


def test_strangers_are_let_in_only_on_purpose() -> None:
    code, said = run(CHECK, ALLOW_ANONYMOUS="on")
    assert (code, "chatbot.E204" in said) == (1, True)

    assert run(CHECK, ALLOW_ANONYMOUS="on", SILENCED_SYSTEM_CHECKS="chatbot.E204")[0] == 0
    assert run(SERVE, ALLOW_ANONYMOUS="on")[0] == 0
