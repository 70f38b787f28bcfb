"""The usage page's charts: of one figure, by day, by model and by owner. The table under each has exact figures."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from access.staff.shown import usd_of_nano as usd
from conversations.admin.usage.svg import Bar, Drawing, columns, rows
from conversations.domain import Spending
from conversations.services.staff.usage_figures import Figure, amount, mean_latency_ms

# The names that a chart of lying bars has room for.
MOST_BARS = 10
_NANO = 10**9


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title; `series` names the colours where there are several."""

    title: str
    svg: SafeString
    series: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Series:
    """One colour of a chart: what it is called, how much of it there is, and how that is written."""

    name: str
    amount: Callable[[Spending], int]
    written: Callable[[int], str] = "{:,}".format


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a figure is drawn: `title` has a place for what the bars are of, `tick` writes a mark of the axis."""

    title: str
    series: tuple[_Series, ...]
    tick: Callable[[float], str]


def chart_by_day(figure: Figure, by_day: Sequence[tuple[dt.date, Spending]]) -> list[Chart]:
    """A bar for each day; no chart where there is nothing of this figure."""
    places = [f"{day:%b} {day.day}" for day, _ in by_day]
    return _chart(figure, "day", [(str(day), spending) for day, spending in by_day], places, columns)


def chart_by_name(
    figure: Figure, what: str, spent: Sequence[tuple[str, Spending]], *, label: Callable[[str], str] = str
) -> list[Chart]:
    """A bar for each of the first of these names, with its label beside it; `what` they are: owners, say."""
    shown = [(name, spending) for name, spending in spent[:MOST_BARS] if amount(figure, spending)]
    return _chart(figure, what, shown, [label(name) for name, _ in shown], rows)


def usd_tick(nano: float) -> str:
    """A mark of an axis of nano-dollars, as short as it can be: 1,500 or 0.0002."""
    return f"{(Decimal(round(nano)) / _NANO).normalize():,f}"


def count_tick(count: float) -> str:
    """A mark of an axis of counts: 750, 20K, 1.5M."""
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= size:
            return f"{count / size:,.4g}{unit}"
    return f"{count:,.4g}"


def _chart(
    figure: Figure,
    what: str,
    spent: Sequence[tuple[str, Spending]],
    places: Sequence[str],
    draw: Callable[[Drawing], SafeString],
) -> list[Chart]:
    if not any(amount(figure, spending) for _, spending in spent):
        return []
    kind = _KINDS[figure]
    title = kind.title.format(what)
    label = f"Chart: {title}. The table below has the figures."
    bars = [[_bar(name, spending, series) for name, spending in spent] for series in kind.series]
    return [Chart(title, draw(Drawing(label, places, bars, kind.tick)), tuple(_names(kind)))]


def _bar(name: str, spending: Spending, series: _Series) -> Bar:
    value = series.amount(spending)
    return Bar(value, f"{name}: {series.written(value)} {series.name}".rstrip())


def _names(kind: _Kind) -> list[str]:
    return [series.name for series in kind.series] if len(kind.series) > 1 else []


_KINDS = {
    Figure.COST: _Kind("Cost by {}, USD", (_Series("", lambda spent: spent.cost_nano_usd, usd),), usd_tick),
    Figure.TURNS: _Kind(
        "Turns by {}",
        (_Series("answered", lambda spent: spent.turns), _Series("failed", lambda spent: spent.errors)),
        count_tick,
    ),
    Figure.FAILED: _Kind("Failed turns by {}", (_Series("failed", lambda spent: spent.errors),), count_tick),
    Figure.TOKENS: _Kind(
        "Tokens by {}",
        (
            _Series("input", lambda spent: spent.usage.input_tokens + spent.usage.cache_write_tokens),
            _Series("read from cache", lambda spent: spent.usage.cache_read_tokens),
            _Series("output", lambda spent: spent.usage.output_tokens),
        ),
        count_tick,
    ),
    Figure.LATENCY: _Kind(
        "Mean model latency by {}, ms",
        (_Series("", lambda spent: mean_latency_ms(spent) or 0, "{:,} ms".format),),
        "{:,.0f}".format,
    ),
}
