"""Addresses from which bad credentials come, or none at all."""

from collections.abc import Callable

from django.conf import settings

from access.addresses import network_of
from access.errors import RateLimited
from access.limits.counting import look, take
from access.limits.windows import Window
from telemetry.metrics import RATE_LIMIT_REFUSALS


def check(address: str) -> None:
    """To be asked before credentials are looked up. Raises RateLimited for an address with RATE_LIMIT_FAILURES."""
    _refuse_over_the_rate(look, address)


def count(address: str) -> None:
    """Counts a failure of this address, or of its IPv6 /64. Raises RateLimited when it is one too many."""
    _refuse_over_the_rate(take, address)


def _refuse_over_the_rate(ask: Callable[[str, str, str], Window | None], address: str) -> None:
    rate = settings.RATE_LIMIT_FAILURES
    window = ask("failures", rate, network_of(address)) if rate else None
    if window and not window.allowed:
        RATE_LIMIT_REFUSALS.add("failures")
        raise RateLimited(f"more than {rate} failures", retry_after=window.reset_seconds)
