"""System checks of the limits: settings that nobody could keep to, said before the first request."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from access.limits.rates import parse_rate


@register()
def check_limits(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Rates can be read, counts are no debts, and Redis has an address."""
    found: list[CheckMessage] = []
    for name, check_id in (("RATE_LIMIT", "chatbot.E111"), ("RATE_LIMIT_FAILURES", "chatbot.E112")):
        rate = getattr(settings, name)
        try:
            parse_rate(rate) if rate else None
        except ValueError as error:
            found.append(Error(f"{name}: {error}.", hint="Leave it empty for no limit.", id=check_id))
    for name, check_id in (("MAX_CONCURRENT_TURNS", "chatbot.E113"), ("TRUSTED_PROXIES", "chatbot.E114")):
        if getattr(settings, name) < 0:
            found.append(Error(f"{name} is less than 0.", id=check_id))
    if settings.REDIS_URL and not settings.REDIS_URL.startswith(("redis://", "rediss://")):
        hint = "As in rediss://user:password@host:6379/0"
        found.append(
            Error("REDIS_URL must be a URL that begins with redis:// or rediss://.", hint=hint, id="chatbot.E115")
        )
    return found
