"""A ledger written without turns, a clock that a test sets, and what a report is compared with."""

import datetime as dt

import pytest

from bedrock_client import Usage
from conversations.domain import Spending
from conversations.services import clock
from conversations.services.staff.usage_report import UsageReport
from conversations.store.tables import USAGE_SHARDS, UsageRow, shard_of

PRO, MICRO = "us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"
DAY = dt.timedelta(days=1)
NOTHING = Spending()


def noon(day: dt.date) -> dt.datetime:
    """The middle of a day."""
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def it_is(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """The time of day from now on."""
    monkeypatch.setattr(clock, "now", lambda: moment)


def spending(cost: int, *, turns: int = 1, errors: int = 0) -> Spending:
    """What so many turns used; tokens and time go with the cost, each in a way of its own."""
    return Spending(turns, errors, Usage(cost + 1, cost + 2, cost + 3, cost + 4), cost, cost + 5)


def book(day: dt.date, owner: str, model_id: str, spent: Spending, *, session_id: str = "s") -> None:
    """Adds what a session used to the ledger."""
    shard = shard_of(session_id, USAGE_SHARDS)
    UsageRow(owner, f"{day}#{model_id}#{shard}").update(
        actions=[
            UsageRow.day_shard.set(f"{day}#{shard}"),
            UsageRow.turns.add(spent.turns),
            UsageRow.errors.add(spent.errors),
            UsageRow.input_tokens.add(spent.usage.input_tokens),
            UsageRow.output_tokens.add(spent.usage.output_tokens),
            UsageRow.cache_read_tokens.add(spent.usage.cache_read_tokens),
            UsageRow.cache_write_tokens.add(spent.usage.cache_write_tokens),
            UsageRow.cost_nano_usd.add(spent.cost_nano_usd),
            UsageRow.latency_ms.add(spent.latency_ms),
        ]
    )


def used(report: UsageReport) -> list[tuple[dt.date, Spending]]:
    """The days of a report on which anything was used."""
    return [(day, spent) for day, spent in report.by_day if spent != NOTHING]
