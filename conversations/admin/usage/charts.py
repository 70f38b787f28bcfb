"""Which charts the usage page shows. Each is a picture of a table below it, which has the exact figures."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from access.staff.shown import usd_of_nano as usd
from conversations.admin.usage.figures import mean_latency_ms
from conversations.admin.usage.svg import Bar, Drawing, columns, rows
from conversations.domain import Spending
from conversations.services.staff.usage_report import UsageReport

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
class _Shown:
    """One colour of a chart by day: what it is called, how much of it a day has, and how an amount is written."""

    name: str
    amount: Callable[[Spending], int]
    written: Callable[[int], str]


def charts_by_day(report: UsageReport) -> list[Chart]:
    """Cost, turns, tokens and latency; none where nothing was used."""
    if report.totals == Spending():
        return []
    charts = [
        _by_day(report, "Cost by day, USD", [_Shown("", lambda day: day.cost_nano_usd, usd)], usd_tick),
        _by_day(report, "Turns by day", [_counted("answered", _turns), _counted("failed", _errors)], count_tick),
        _by_day(
            report,
            "Tokens by day",
            [_counted("input", _not_cached), _counted("read from cache", _cached), _counted("output", _output)],
            count_tick,
        ),
    ]
    if report.totals.turns:
        latency = _Shown("", lambda day: mean_latency_ms(day) or 0, lambda mean: f"{mean:,} ms")
        charts.append(_by_day(report, "Mean model latency by day, ms", [latency], "{:,.0f}".format))
    return charts


def cost_chart(title: str, costs: Sequence[tuple[str, Spending]], *, label: Callable[[str], str] = str) -> list[Chart]:
    """A bar for each of the dearest of these names, with its label beside it; no chart where nothing had a cost."""
    dear = [(name, spending.cost_nano_usd) for name, spending in costs[:MOST_BARS] if spending.cost_nano_usd]
    if not dear:
        return []
    bars = [Bar(cost, f"{name}: {usd(cost)}") for name, cost in dear]
    return [Chart(title, rows(Drawing(_label(title), [label(name) for name, _ in dear], [bars], usd_tick)))]


def usd_tick(nano: float) -> str:
    """A mark of an axis of nano-dollars, as short as it can be: 1,500 or 0.0002."""
    return f"{(Decimal(round(nano)) / _NANO).normalize():,f}"


def count_tick(count: float) -> str:
    """A mark of an axis of counts: 750, 20K, 1.5M."""
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= size:
            return f"{count / size:,.4g}{unit}"
    return f"{count:,.4g}"


def _by_day(report: UsageReport, title: str, shown: Sequence[_Shown], tick: Callable[[float], str]) -> Chart:
    places = [f"{day:%b} {day.day}" for day, _ in report.by_day]
    series = [[_bar(day, spending, each) for day, spending in report.by_day] for each in shown]
    names = tuple(each.name for each in shown if each.name)
    return Chart(title, columns(Drawing(_label(title), places, series, tick)), names)


def _bar(day: dt.date, spending: Spending, shown: _Shown) -> Bar:
    amount = shown.amount(spending)
    return Bar(amount, f"{day}: {shown.written(amount)} {shown.name}".rstrip())


def _label(title: str) -> str:
    return f"Chart: {title}. The table below has the figures."


def _counted(name: str, amount: Callable[[Spending], int]) -> _Shown:
    return _Shown(name, amount, lambda count: f"{count:,}")


def _turns(day: Spending) -> int:
    return day.turns


def _errors(day: Spending) -> int:
    return day.errors


def _not_cached(day: Spending) -> int:
    return day.usage.input_tokens + day.usage.cache_write_tokens


def _cached(day: Spending) -> int:
    return day.usage.cache_read_tokens


def _output(day: Spending) -> int:
    return day.usage.output_tokens
