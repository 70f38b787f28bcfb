"""Who signs in, as the claims of a verified ID token have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from access.tokens.claims import group_names, subject_of

# Of Django's User.
MAX_NAME_CHARS, MAX_EMAIL_CHARS = 150, 254


@dataclass(frozen=True)
class Person:
    """`issuer` and `subject` say who it is; the names are for people to read, and may be empty."""

    issuer: str
    subject: str
    groups: tuple[str, ...]
    login: str
    email: str
    first_name: str
    last_name: str


def person_of(claims: Mapping[str, Any]) -> Person:
    """Raises InvalidCredentials for a subject or groups that cannot be understood."""
    email = _text(claims, "email")
    return Person(
        issuer=claims["iss"],
        subject=subject_of(claims),
        groups=tuple(group_names(claims.get(settings.STAFF_OIDC_GROUPS_CLAIM))),
        login=_text(claims, "preferred_username") or email,
        email=email if len(email) <= MAX_EMAIL_CHARS else "",
        first_name=_text(claims, "given_name")[:MAX_NAME_CHARS],
        last_name=_text(claims, "family_name")[:MAX_NAME_CHARS],
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return "".join(c for c in value if c.isprintable()).strip() if isinstance(value, str) else ""
