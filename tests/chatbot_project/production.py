"""The environment of a sensible deployment behind an Application Load Balancer, and the settings it gives."""

import runpy
from typing import Any

import pytest
from django.conf import settings

SETTINGS = settings.BASE_DIR / "chatbot_project" / "settings.py"
KEY = "kzW3nPq8-rT5vYc2_bHs7dLm4fGj9xQe6uAi1oNtXyZpRw0KEvB"
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
    "DJANGO_SECRET_KEY": KEY,
    "DJANGO_ALLOWED_HOSTS": "chatbot.example.com",
    "DATABASE_URL": "postgres://chatbot:staff-database-password@database.example.com:5432/chatbot",
    "SECURE_PROXY_SSL_HEADER": "HTTP_X_FORWARDED_PROTO,https",
    "CSRF_TRUSTED_ORIGINS": "https://chatbot.example.com",
    "CORS_ALLOWED_ORIGINS": "https://chat.example.com",
    "AWS_REGION": "eu-central-1",
}


def settings_of(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> dict[str, Any]:
    """What settings.py makes of exactly this environment."""
    with monkeypatch.context() as patch:
        patch.setattr("os.environ", dict(environment))
        return {name: value for name, value in runpy.run_path(str(SETTINGS)).items() if name.isupper()}
