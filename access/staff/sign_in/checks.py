"""System checks of where staff sign in."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError

from access.staff.sign_in.groups import missing_groups
from access.tokens.fetching import may_be_fetched


@register()
def check_sign_in_settings(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Staff can sign in, and everything that the issuer needs is there."""
    if not settings.STAFF_OIDC_ISSUER:
        return _without_issuer()
    found: list[CheckMessage] = []
    if not may_be_fetched(settings.STAFF_OIDC_ISSUER):
        found.append(Error("STAFF_OIDC_ISSUER must be a URL that begins with https://.", id="chatbot.E131"))
    lacking = [name for name in ("STAFF_OIDC_CLIENT_ID", "STAFF_OIDC_CLIENT_SECRET") if not getattr(settings, name)]
    if lacking:
        hint = "Register a client at the issuer, with the redirect URI https://HOST/admin/oidc/callback"
        found.append(Error(f"STAFF_OIDC_ISSUER is set and {' and '.join(lacking)} not.", hint=hint, id="chatbot.E132"))
    if not settings.STAFF_OIDC_GROUPS:
        hint = "As in STAFF_OIDC_GROUPS=chat-support=Support,chat-leads=Operator"
        found.append(Error("STAFF_OIDC_GROUPS lets nobody in.", hint=hint, id="chatbot.E133"))
    if "openid" not in settings.STAFF_OIDC_SCOPES:
        hint = "Without it an issuer gives no ID token."
        found.append(Error("STAFF_OIDC_SCOPES must have openid in it.", hint=hint, id="chatbot.E134"))
    return found


def _without_issuer() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.STAFF_PASSWORDS:
        hint = "Set STAFF_OIDC_ISSUER, or leave passwords on."
        found.append(Error("STAFF_PASSWORDS is off and there is no other sign-in.", hint=hint, id="chatbot.E135"))
    if settings.STAFF_OIDC_CLIENT_ID or settings.STAFF_OIDC_GROUPS:
        unused = "STAFF_OIDC_CLIENT_ID and STAFF_OIDC_GROUPS have no effect without STAFF_OIDC_ISSUER."
        found.append(CheckWarning(unused, id="chatbot.W131"))
    return found


@register(Tags.database)
def check_groups_exist(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Every group that the issuer's groups mean is there. Asks the database: `manage.py check --database default`."""
    if not databases or not settings.STAFF_OIDC_ISSUER:
        return []
    try:
        missing = missing_groups()
    except DatabaseError:  # before the first migration there are no groups at all
        return []
    hint = "Make them in the admin, or name others: those who have no other group are not let in."
    named = ", ".join(missing)
    return (
        [CheckWarning(f"STAFF_OIDC_GROUPS names no group: {named}.", hint=hint, id="chatbot.W132")] if missing else []
    )
