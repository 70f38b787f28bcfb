"""How a key's values look on staff's pages: state, times, money, what is its own and what the settings say."""

import datetime as dt

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.api_key import ApiKey
from access.keys.clock import now
from access.scopes import Scope
from access.staff import shown

Shown = SafeString | str


def state_of(key: ApiKey, moment: dt.datetime) -> str:
    """`active`, `expired`, `revoked`, or `rotated`, which may let callers in until it expires."""
    state = key.state(moment)
    return "rotated" if key.rotated_to and state != "revoked" else state


def state_html(key: ApiKey) -> SafeString:
    """The state in its colour; the word says it too."""
    moment = now()
    state = state_of(key, moment)
    coloured = shown.state_html(state)
    is_good_still = state == "rotated" and key.state(moment) == "active"
    return format_html('{} <span class="quiet">still valid</span>', coloured) if is_good_still else coloured


def moment_html(moment: dt.datetime | None, *, otherwise: str) -> Shown:
    """The time, or in its place why there is none."""
    if moment is None:
        return _quiet(otherwise)
    return shown.moment_html(moment)


def rate_limit_html(key: ApiKey, *, otherwise: str) -> Shown:
    """The key's own limit."""
    return key.rate_limit or _quiet(otherwise)


def budget_html(key: ApiKey, *, otherwise: str) -> Shown:
    """The key's own budget for a month."""
    nano = key.monthly_budget_nano_usd
    return _quiet(otherwise) if nano is None else shown.usd_of_nano(nano)


def default_rate_limit() -> str:
    """What holds for keys without a limit of their own."""
    return settings.RATE_LIMIT or "none"


def default_budget() -> str:
    """What holds for owners whose keys have no budget of their own."""
    return "none" if settings.MONTHLY_BUDGET_USD is None else shown.usd(settings.MONTHLY_BUDGET_USD)


def _quiet(text: str) -> SafeString:
    return format_html('<span class="quiet">{}</span>', text)


def scopes_text(key: ApiKey) -> str:
    """The scopes, in the order in which they are always named."""
    return ", ".join(scope for scope in Scope if scope in key.scopes)
