"""System checks of the deployment as a whole: what must not be served, and what must be meant.

gunicorn and Lambda run no checks, so `chatbot_project.wsgi` asks for the unsafe settings itself, at its import.
"""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

# As Django's security.W009 has it.
MIN_KEY_LENGTH, MIN_KEY_CHARACTERS = 50, 5
PROXY_HEADER_PARTS = 2


@register(Tags.security)
def check_safe_to_serve(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Outside local mode nothing is served with a guessable key, with Django's error pages or for any host."""
    if settings.LOCAL_MODE:
        return []
    found: list[CheckMessage] = []
    key = settings.SECRET_KEY
    if len(key) < MIN_KEY_LENGTH or len(set(key)) < MIN_KEY_CHARACTERS or key.startswith("django-insecure-"):
        hint = "As from: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        lacks = f"at least {MIN_KEY_LENGTH} random characters"
        found.append(Error(f"DJANGO_SECRET_KEY must have {lacks}.", hint=hint, id="chatbot.E201"))
    if settings.DEBUG:
        hint = "Error pages show source code and settings to anybody."
        found.append(Error("DJANGO_DEBUG is on outside local mode.", hint=hint, id="chatbot.E202"))
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts that are served; /health is answered for any."
        found.append(Error("DJANGO_ALLOWED_HOSTS lets every host in.", hint=hint, id="chatbot.E203"))
    return found


@register(Tags.security)
def check_proxy_header(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """The header that says whether a caller came over TLS can be understood."""
    header = settings.SECURE_PROXY_SSL_HEADER
    if header is None or (len(header) == PROXY_HEADER_PARTS and re.fullmatch(r"HTTP_[A-Z0-9_]+", header[0])):
        return []
    hint = "As in SECURE_PROXY_SSL_HEADER=HTTP_X_FORWARDED_PROTO,https"
    return [Error("SECURE_PROXY_SSL_HEADER must be a header and its value.", hint=hint, id="chatbot.E205")]


@register()
def check_read_seconds(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Callers have time to send a request."""
    if settings.REQUEST_READ_SECONDS >= 1:
        return []
    return [Error("REQUEST_READ_SECONDS must be at least 1.", id="chatbot.E206")]


@register(Tags.security, deploy=True)
def check_strangers(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """A deployment that lets everybody in does so on purpose."""
    if settings.LOCAL_MODE or not settings.ALLOW_ANONYMOUS:
        return []
    hint = "If that is meant, say so with SILENCED_SYSTEM_CHECKS=chatbot.E204"
    return [Error("ALLOW_ANONYMOUS lets callers in without credentials.", hint=hint, id="chatbot.E204")]


@register(deploy=True)
def check_metrics(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Metrics that are kept for Prometheus can be read by Prometheus, and by nobody else."""
    if settings.LOCAL_MODE or settings.METRICS != "prometheus":
        return []
    if settings.AWS_LAMBDA_FUNCTION_NAME:
        said = "METRICS=prometheus keeps metrics on Lambda that nobody can read."
        hint = "Leave METRICS out, for emf, or set METRICS=off."
        return [CheckWarning(said, hint=hint, id="chatbot.W201")]
    if not settings.METRICS_PORT:
        said = "METRICS_PORT=0 shows /metrics to everybody who reaches the service."
        hint = "Leave METRICS_PORT out, for 9464. If it is meant, say so with SILENCED_SYSTEM_CHECKS=chatbot.W202"
        return [CheckWarning(said, hint=hint, id="chatbot.W202")]
    return []


def refuse_unsafe_settings() -> None:
    """Raises ImproperlyConfigured with everything that must not be served as it is."""
    unsafe = [f"{message.msg} {message.hint}" for message in (*check_safe_to_serve(), *check_proxy_header())]
    if unsafe:
        raise ImproperlyConfigured("The server does not start with these settings. " + " ".join(unsafe))
