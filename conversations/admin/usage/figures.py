"""What is worked out of the ledger's sums for the usage page, and how it is written."""

from django.utils.safestring import SafeString

from access.staff.shown import usd_of_nano as usd
from conversations.admin.shown import tokens_html
from conversations.domain import Spending
from conversations.services.staff.usage_figures import Figure, mean_latency_ms

NOTHING = "none"
# The columns of every table of spending, after its first one.
FIGURES = ("Turns", "Failed", "Tokens", "From cache", "Output", "Cost", "Latency")
# What charts can be of.
FIGURE_NAMES = {
    Figure.COST: "Cost",
    Figure.TURNS: "Turns",
    Figure.FAILED: "Failed turns",
    Figure.TOKENS: "Tokens",
    Figure.LATENCY: "Latency",
}

Cell = str | SafeString


def figures(spending: Spending) -> list[Cell]:
    """A row's cells, one for each of FIGURES."""
    return [
        f"{spending.turns:,}",
        failed_share(spending),
        tokens_html(spending.usage),
        cache_share(spending),
        f"{spending.usage.output_tokens:,}",
        usd(spending.cost_nano_usd),
        mean_latency(spending),
    ]


def tiles(totals: Spending) -> list[tuple[str, Cell]]:
    """What is told of the whole range, each with its name."""
    usage = totals.usage
    return [
        ("Turns answered", f"{totals.turns:,}"),
        ("Turns failed", failed_share(totals)),
        ("Cost", usd(totals.cost_nano_usd)),
        ("Input tokens, not from cache", f"{usage.input_tokens + usage.cache_write_tokens:,}"),
        ("Input tokens read from cache", f"{usage.cache_read_tokens:,}"),
        ("Cache share of input tokens", cache_share(totals)),
        ("Output tokens", f"{usage.output_tokens:,}"),
        ("Mean model latency", mean_latency(totals)),
    ]


def failed_share(spending: Spending) -> str:
    """Turns without an answer, and their share of all turns."""
    all_turns = spending.turns + spending.errors
    return f"{spending.errors:,} ({percent(spending.errors, all_turns)})" if spending.errors else NOTHING


def cache_share(spending: Spending) -> str:
    """Tokens read from the cache, of all that was sent."""
    usage = spending.usage
    return percent(usage.cache_read_tokens, usage.prompt_tokens) if usage.cache_read_tokens else NOTHING


def mean_latency(spending: Spending) -> str:
    """What the model took for an answer, with its unit."""
    mean = mean_latency_ms(spending)
    return NOTHING if mean is None else f"{mean:,} ms"


def percent(part: int, whole: int) -> str:
    """A share with one digit behind the point. Whole numbers divided exactly, so a budget of any size is right."""
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10:,}.{tenths % 10} %"
