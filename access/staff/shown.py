"""How values look on every page of staff's: times, money, states, text."""

import datetime as dt
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString


def moment_html(moment: dt.datetime) -> SafeString:
    """A time in UTC, which staff/local_times.js turns into the viewer's zone; UTC stays in the tooltip."""
    utc = moment.astimezone(dt.UTC)
    shown = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', utc.isoformat(), shown, shown)


def usd(amount: Decimal) -> str:
    """The exact amount with its unit: at least two places after the point, at most the nine that there are."""
    whole, _, fraction = f"{amount:,.9f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')} USD"


def usd_of_nano(nano: int) -> str:
    """The same of nano-dollars."""
    return usd(Decimal(nano).scaleb(-9))


def state_html(state: str) -> SafeString:
    """A state in its colour; the word says it too."""
    return format_html('<span class="state state-{}">{}</span>', state, state)


def text_html(text: str) -> SafeString:
    """Text in one line, kept from turning what stands beside it around."""
    return format_html("<bdi>{}</bdi>", text)
