"""The first staff account of a laptop."""

import secrets

from django.contrib.auth.models import User

STAFF_NAME = "admin"


def ensure_staff_account() -> str | None:
    """Make the superuser `admin` unless it is there. Returns its new password, or None: it is stored nowhere."""
    if User.objects.filter(username=STAFF_NAME).exists():
        return None
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(username=STAFF_NAME, password=password)
    return password
