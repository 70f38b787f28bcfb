"""The parts of the usage page: charts, the table under them, and what is to be known of it.

Those that need DynamoDB now stand last. From the first on for which it does not answer they are left out, and named.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from django.http import HttpRequest

from access.admin.pages import VIEW as VIEW_KEYS
from conversations.admin.pages import may
from conversations.admin.shown import model_name
from conversations.admin.usage import tables
from conversations.admin.usage.charts import MOST_BARS, Chart, chart_by_day, chart_by_name
from conversations.admin.usage.form import UsageAsked
from conversations.admin.usage.notes import RANKED, budgets_note, dearest_note
from conversations.admin.usage.tables import Table
from conversations.services.staff.budgets_to_date import budgets_of_owner, budgets_to_date
from conversations.services.staff.dearest_sessions import dearest_sessions
from conversations.services.staff.usage_reading import OpenDays
from conversations.services.staff.usage_report import UsageReport
from dynamodb_client.errors import StoreUnavailable

logger = logging.getLogger("conversations")


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its charts; `note` stands above them."""

    table: Table
    charts: Sequence[Chart] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sections:
    """Those that are shown, and the names of those for which DynamoDB did not answer."""

    shown: list[Section]
    unread: list[str] = field(default_factory=list)


def sections(request: HttpRequest, asked: UsageAsked, report: UsageReport, open_days: OpenDays) -> Sections:
    """The parts that this member of staff may see."""
    found = Sections([_by_day(asked, report), _by_model(asked, report), _by_owner(request, asked, report)])
    live = [(tables.BUDGETS, partial(_budgets, request, asked, open_days))]
    if may(request, "view_session") and not asked.filters:
        live.insert(0, (tables.DEAREST, partial(_dearest, request, asked)))
    for name, read in live:
        if report.unread_days or found.unread:
            found.unread.append(name)  # one wait for an answer is enough
            continue
        try:
            found.shown.append(read())
        except StoreUnavailable:
            logger.warning("staff page: usage without %s", name, exc_info=True)
            found.unread.append(name)
    return Sections([each for each in found.shown if each.table.rows], found.unread)


def _by_day(asked: UsageAsked, report: UsageReport) -> Section:
    return Section(tables.by_day(report, asked), chart_by_day(asked.figure, report.by_day))


def _by_model(asked: UsageAsked, report: UsageReport) -> Section:
    charts = chart_by_name(asked.figure, "model", report.by_model, label=model_name)
    return Section(tables.by_model(report, asked), charts, _cut(asked, len(report.by_model)))


def _by_owner(request: HttpRequest, asked: UsageAsked, report: UsageReport) -> Section:
    table = tables.by_owner(report, asked, may_list=may(request, "view_session"))
    notes = []
    if report.owner_count > len(report.by_owner):
        shown = f"{len(report.by_owner)} of {report.owner_count:,} owners"
        notes.append(f"{shown}, {RANKED[asked.figure]}; an export has all of them.")
    notes.append(_cut(asked, len(report.by_owner)))
    return Section(table, chart_by_name(asked.figure, "owner", report.by_owner), " ".join(notes).strip())


def _cut(asked: UsageAsked, names: int) -> str:
    return f"The chart shows the first {MOST_BARS}, {RANKED[asked.figure]}." if names > MOST_BARS else ""


def _dearest(request: HttpRequest, asked: UsageAsked) -> Section:
    found = dearest_sessions(first=asked.first, last=asked.last)
    table = tables.dearest(found.records, may_read=may(request, "read_transcript"))
    return Section(table, note=dearest_note(found))


def _budgets(request: HttpRequest, asked: UsageAsked, open_days: OpenDays) -> Section:
    with_keys = request.user.has_perm(f"access.{VIEW_KEYS}")
    if asked.owner:
        found = budgets_of_owner(asked.owner, with_keys=with_keys)
    else:
        found = budgets_to_date(with_keys=with_keys, open_days=open_days)
    return Section(
        tables.budgets(found.budgets), note=budgets_note(found, of_owner=bool(asked.owner), with_keys=with_keys)
    )
