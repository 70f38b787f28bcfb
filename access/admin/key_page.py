"""What pages about one key show of it, and the page that shows its secret."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from access.admin.addresses import list_url
from access.admin.pages import page_context
from access.admin.shown import (
    Shown,
    budget_html,
    default_budget,
    default_rate_limit,
    moment_html,
    rate_limit_html,
    scopes_text,
    state_html,
)
from access.api_key import ApiKey
from access.keys.create_key import IssuedKey


def secret_page(request: HttpRequest, title: str, issued: IssuedKey, *, replaced: str = "") -> TemplateResponse:
    """The one page that a secret ever stands on."""
    context = {**key_context(request, title, issued.key), "secret": issued.secret, "replaced": replaced}
    headers = {"Cache-Control": "no-store"}
    return TemplateResponse(request, "admin/access/apikey/secret.html", context, headers=headers)


def key_context(request: HttpRequest, title: str, key: ApiKey) -> dict[str, Any]:
    """What pages about one key show of it."""
    return {**page_context(request, title), "key": key, "facts": _facts(key), "owner_link": list_url(key.owner)}


def _facts(key: ApiKey) -> list[tuple[str, Shown]]:
    facts: list[tuple[str, Shown]] = [
        ("State", state_html(key)),
        ("Scopes", scopes_text(key)),
        ("Rate limit", rate_limit_html(key, otherwise=f"default: {default_rate_limit()}")),
        ("Monthly budget", budget_html(key, otherwise=f"default: {default_budget()}")),
        ("Created", moment_html(key.created_at, otherwise="")),
        ("Last used", moment_html(key.last_used_at, otherwise="never")),
        ("Expires", moment_html(key.expires_at, otherwise="never")),
    ]
    if key.revoked_at:
        facts.append(("Revoked", moment_html(key.revoked_at, otherwise="")))
    return facts
