"""Copies of the ledger's closed days, in the staff database: a day is copied whole or not at all.

Not in DynamoDB, because a sum over months there means reading every row of them; here it is one query.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Min, QuerySet, Sum

from bedrock_client import Usage
from conversations.domain import LedgerLine, Spending
from conversations.models import UsageDay, UsageDayModel, UsageDaySession, UsageLine
from conversations.store.staff.dearest_index import Dearest
from conversations.store.staff.usage_days import DaySpending

_BATCH = 1000
_SUMS = (
    "turns",
    "errors",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cost_nano_usd",
    "latency_ms",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Days from `first` to `last` (UTC) that are copied; of one owner or model, None for all."""

    first: dt.date
    last: dt.date
    owner: str | None = None
    model_id: str | None = None

    def lines(self) -> QuerySet[UsageLine]:
        """What is copied of them."""
        lines = UsageLine.objects.filter(day__gte=self.first, day__lte=self.last)
        if self.owner is not None:
            lines = lines.filter(owner=self.owner)
        return lines if self.model_id is None else lines.filter(model_id=self.model_id)


def copied(first: dt.date, last: dt.date) -> set[dt.date]:
    """Which of these days have a copy."""
    return set(UsageDay.objects.filter(day__range=(first, last)).values_list("day", flat=True))


def add(day: dt.date, lines: DaySpending, dearest: Dearest, *, now: dt.datetime) -> bool:
    """Copies a day in one transaction; False, and nothing is changed, when another process was faster."""
    try:
        with transaction.atomic():
            # First of all, so that of two processes the second waits here and is refused.
            UsageDay.objects.create(day=day, copied_at=now, left_out_nano_usd=dearest.left_out_nano_usd)
            _add_rows(day, lines, dearest, now=now)
    except IntegrityError:
        return False
    return True


def replace(day: dt.date, lines: DaySpending, dearest: Dearest, *, now: dt.datetime) -> None:
    """Copies a day in the place of its earlier copy, if there is one."""
    with transaction.atomic():
        UsageDay.objects.bulk_create(
            [UsageDay(day=day, copied_at=now, left_out_nano_usd=dearest.left_out_nano_usd)],
            update_conflicts=True,
            update_fields=["copied_at", "left_out_nano_usd"],
            unique_fields=["day"],
        )
        for rows in (UsageLine, UsageDayModel, UsageDaySession):
            rows.objects.filter(day=day).delete()
        _add_rows(day, lines, dearest, now=now)


def by_day_and_model(wanted: Wanted) -> Iterator[tuple[dt.date, str, Spending]]:
    """The sums of each day and model. Of all owners they were kept with the days, and no line is read."""
    if wanted.owner is not None:
        yield from _summed(wanted.lines())
        return
    of_days = UsageDayModel.objects.filter(day__gte=wanted.first, day__lte=wanted.last, copied_at=F("day__copied_at"))
    with_sums = set()
    for day, model_id, *sums in of_days.values_list("day", "model_id", *_SUMS):
        with_sums.add(day)
        if wanted.model_id in {None, model_id}:
            yield day, model_id, _spending(sums)
    # Nothing was used on them, or they were copied by a release that keeps no sums.
    others = copied(wanted.first, wanted.last) - with_sums
    if others:
        yield from _summed(wanted.lines().filter(day__in=others))


def by_owner(wanted: Wanted) -> Iterator[tuple[str, Spending]]:
    """The sums of each owner."""
    rows = wanted.lines().values("owner").annotate(*map(Sum, _SUMS))
    for owner, *sums in rows.values_list("owner", *_sum_names()):
        yield owner, _spending(sums)


def lines(wanted: Wanted) -> Iterator[LedgerLine]:
    """Every line, by day, owner and model.

    A day at a time is read whole, because a query that stays open for as long as somebody takes to download a file
    would keep others from writing.
    """
    for day in sorted(copied(wanted.first, wanted.last)):
        rows = wanted.lines().filter(day=day).order_by("owner", "model_id").values_list("owner", "model_id", *_SUMS)
        for owner, model_id, *sums in list(rows):
            yield LedgerLine(day, owner, model_id, _spending(sums))


def dearest(first: dt.date, last: dt.date, *, limit: int) -> list[str]:
    """The sessions of these days by what they cost when a day of theirs was copied last, dearest first."""
    sessions = UsageDaySession.objects.filter(day__gte=first, day__lte=last).values("session_id")
    ranked = sessions.annotate(cost=Max("cost_nano_usd")).order_by("-cost", "session_id")
    return list(ranked.values_list("session_id", flat=True)[:limit])


def left_out(first: dt.date, last: dt.date) -> int:
    """The most that a session of these days cost, in nano-dollars, that was left out of their copies; 0 for none."""
    days = UsageDay.objects.filter(day__range=(first, last))
    return days.aggregate(most=Max("left_out_nano_usd"))["most"] or 0


def kept_sessions(*, after: str, most: int) -> list[str]:
    """The sessions that days were copied with, by id: the next ones behind an id, each once."""
    ids = UsageDaySession.objects.filter(session_id__gt=after).order_by("session_id")
    return list(ids.values_list("session_id", flat=True).distinct()[:most])


def forget(session_ids: Iterable[str]) -> int:
    """Leaves no trace of sessions that were erased. Returns how many entries they had."""
    ids = list(session_ids)
    batches = [ids[first : first + _BATCH] for first in range(0, len(ids), _BATCH)]
    return sum(UsageDaySession.objects.filter(session_id__in=batch).delete()[0] for batch in batches)


def copied_at(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime] | None:
    """When these days were copied, the oldest copy and the newest; None where none is copied."""
    times = UsageDay.objects.filter(day__range=(first, last)).aggregate(
        oldest=Min("copied_at"), newest=Max("copied_at")
    )
    return (times["oldest"], times["newest"]) if times["oldest"] else None


def _summed(lines: QuerySet[UsageLine]) -> Iterator[tuple[dt.date, str, Spending]]:
    rows = lines.values("day", "model_id").annotate(*map(Sum, _SUMS))
    for day, model_id, *sums in rows.values_list("day", "model_id", *_sum_names()):
        yield day, model_id, _spending(sums)


def _add_rows(day: dt.date, lines: DaySpending, dearest: Dearest, *, now: dt.datetime) -> None:
    of_models: defaultdict[str, Spending] = defaultdict(Spending)
    for (_, model_id), spending in lines.items():
        of_models[model_id] += spending
    UsageLine.objects.bulk_create(
        (
            UsageLine(day_id=day, owner=owner, model_id=model_id, **_columns(lines[owner, model_id]))
            for owner, model_id in sorted(lines)
        ),
        batch_size=_BATCH,
    )
    UsageDayModel.objects.bulk_create(
        UsageDayModel(day_id=day, model_id=model_id, copied_at=now, **_columns(spending))
        for model_id, spending in of_models.items()
    )
    UsageDaySession.objects.bulk_create(
        [
            UsageDaySession(day_id=day, session_id=session_id, cost_nano_usd=cost)
            for session_id, cost in dearest.costs.items()
        ]
    )


def _columns(spending: Spending) -> dict[str, int]:
    usage = spending.usage
    return {
        "turns": spending.turns,
        "errors": spending.errors,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "cost_nano_usd": spending.cost_nano_usd,
        "latency_ms": spending.latency_ms,
    }


def _sum_names() -> list[str]:
    return [f"{name}__sum" for name in _SUMS]


def _spending(sums: Iterable[int]) -> Spending:
    # PostgreSQL sums big integers as numeric, which comes as a Decimal.
    turns, errors, inputs, outputs, cache_reads, cache_writes, cost, latency = map(int, sums)
    return Spending(turns, errors, Usage(inputs, outputs, cache_reads, cache_writes), cost, latency)
