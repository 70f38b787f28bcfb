"""How values look on every page of staff's: times, money, counts, states."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bedrock_client import Usage


def moment_html(moment: dt.datetime) -> SafeString:
    """A time in UTC, which local_times.js turns into the viewer's zone; UTC stays in the tooltip."""
    utc = moment.astimezone(dt.UTC)
    shown = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', utc.isoformat(), shown, shown)


def usd(nano: int) -> str:
    """The exact amount with its unit: at least two places after the point, at most the nine that there are."""
    whole, _, fraction = f"{Decimal(nano).scaleb(-9):,.9f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')} USD"


def tokens_html(usage: Usage) -> SafeString:
    """All tokens, and of which kinds in the tooltip."""
    kinds = (
        f"{usage.input_tokens:,} in, {usage.output_tokens:,} out, "
        f"{usage.cache_read_tokens:,} read from cache, {usage.cache_write_tokens:,} written to cache"
    )
    return format_html('<span title="{}">{}</span>', kinds, f"{usage.prompt_tokens + usage.output_tokens:,}")


def state_html(state: str) -> SafeString:
    """A state in its colour; the word says it too."""
    return format_html('<span class="state state-{}">{}</span>', state, state)


def models_html(models: Iterable[str]) -> SafeString:
    """Models by the name they are known by, a line for each; the whole id is in the tooltip."""
    rows = ((model, model.rpartition(".")[2].partition(":")[0]) for model in models)
    return format_html_join("", '<span class="model" title="{}">{}</span>', rows)


def text_html(text: str) -> SafeString:
    """Text of callers or models in one line, kept from turning what stands beside it around."""
    return format_html("<bdi>{}</bdi>", text)
