"""Rows of the ledger as turns leave them, and what stands on the page about them."""

import datetime as dt
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import pytest

from conversations.models import UsageDay
from conversations.services import clock
from conversations.services.staff import closing_days
from conversations.store.tables import UsageRow

PRO, MICRO = "us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"
NOON = dt.datetime(2026, 11, 23, 12, 34, tzinfo=dt.UTC)


def at_noon(monkeypatch: pytest.MonkeyPatch, *, copied_at_once: int = 31) -> None:
    """It is NOON; days up to 2026-11-22 are closed. However slow the machine is, a page copies so many of them."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(closing_days, "SECONDS_AT_ONCE", 600)
    monkeypatch.setattr(closing_days, "MOST_AT_ONCE", copied_at_once)


def booked(day: str, owner: str, model_id: str = PRO, *, shard: int = 0, **figures: Any) -> None:  # noqa: ANN401  # a model's own attributes
    """Writes a row of the ledger."""
    UsageRow(owner, f"{day}#{model_id}#{shard}", day_shard=f"{day}#{shard}", **figures).save()


def a_month() -> None:
    """Use of two owners and two models on three days of November 2026."""
    tokens: dict[str, Any] = {
        "input_tokens": 1000,
        "output_tokens": 200,
        "cache_read_tokens": 3000,
        "cache_write_tokens": 500,
    }
    booked("2026-11-02", "alice", turns=3, errors=1, latency_ms=3600, cost_nano_usd=1_500_000_000, **tokens)
    booked("2026-11-02", "alice", shard=7, turns=1, latency_ms=1000, cost_nano_usd=1, input_tokens=7, output_tokens=3)
    booked("2026-11-02", "bob", MICRO, turns=2, latency_ms=500, cost_nano_usd=665, input_tokens=7, output_tokens=3)
    booked("2026-11-22", "bob", MICRO, shard=31, errors=2)
    booked("2026-11-23", "alice", MICRO, turns=1, latency_ms=250, cost_nano_usd=20, input_tokens=10, output_tokens=10)


def idle_days_copied(first: dt.date, last: dt.date, *, used: Iterable[int] = ()) -> None:
    """Days that nothing was used on are copied, as a page would have with dozens of calls for each.

    `used` are days of the month that are left for a page to copy.
    """
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    idle = [UsageDay(day=day, copied_at=clock.now(), left_out_nano_usd=0) for day in days if day.day not in used]
    UsageDay.objects.bulk_create(idle)


def idle_days_of_the_month_copied() -> None:
    """Of the month of `a_month`."""
    idle_days_copied(NOON.date().replace(day=1), NOON.date() - dt.timedelta(days=1), used=(2, 22))


def nothing_copied() -> None:
    """No day is copied any more."""
    UsageDay.objects.all().delete()


def tables_of(html: str) -> dict[str, list[list[str]]]:
    """The rows of each table of the page, in words, by the name of the table; the first row names the columns."""
    found = re.findall(r'aria-label="([^"]*)">\s*<table>(.*?)</table>', html, re.DOTALL)
    return {unescape(name): [_cells(row) for row in re.findall("<tr>(.*?)</tr>", table)] for name, table in found}


def tiles_of(html: str) -> dict[str, str]:
    """What is told of the whole range, by name."""
    found = re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", html)
    return {name: _words(value) for name, value in found}


def tooltips_of(html: str) -> list[list[str]]:
    """What the bars of each chart say, chart by chart."""
    charts = re.findall("<svg class=.chart.*?</svg>", html, re.DOTALL)
    return [[unescape(title) for title in re.findall("<title>(.*?)</title>", chart)] for chart in charts]


def _cells(row: str) -> list[str]:
    return [_words(cell) for cell in re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row)]


def _words(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", "", html)).split())
