"""The parts of the usage page: charts, the table under them, and what is to be known of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from access.admin.pages import VIEW as VIEW_KEYS
from conversations.admin.pages import may
from conversations.admin.shown import model_name
from conversations.admin.usage import tables
from conversations.admin.usage.charts import MOST_BARS, Chart, charts_by_day, cost_chart
from conversations.admin.usage.form import UsageAsked
from conversations.admin.usage.tables import Table
from conversations.services.staff.budgets_to_date import MOST_OWNERS, budgets_to_date
from conversations.services.staff.dearest_sessions import dearest_sessions
from conversations.services.staff.usage_report import UsageReport


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its charts; `note` stands above them."""

    table: Table
    charts: Sequence[Chart] = ()
    note: str = ""


def sections(request: HttpRequest, asked: UsageAsked, report: UsageReport) -> list[Section]:
    """The parts that this member of staff may see. Raises StoreUnavailable."""
    shown = [
        Section(tables.by_day(report, asked), charts_by_day(report)),
        Section(tables.by_model(report, asked), cost_chart("Cost by model, USD", report.by_model, label=model_name)),
        _by_owner(request, asked, report),
    ]
    if may(request, "view_session") and not asked.filters:
        shown.append(_dearest(request, asked))
    shown.append(_budgets(request, asked, report))
    return [each for each in shown if each.table.rows]


def _by_owner(request: HttpRequest, asked: UsageAsked, report: UsageReport) -> Section:
    table = tables.by_owner(report, asked, may_list=may(request, "view_session"))
    notes = []
    if report.owner_count > len(report.by_owner):
        notes.append(f"The {len(report.by_owner)} dearest of {report.owner_count:,} owners; an export has all of them.")
    if len(report.by_owner) > MOST_BARS:
        notes.append(f"The chart shows the {MOST_BARS} dearest.")
    return Section(table, cost_chart("Cost by owner, USD", report.by_owner), " ".join(notes))


def _dearest(request: HttpRequest, asked: UsageAsked) -> Section:
    found = dearest_sessions(first=asked.first, last=asked.last)
    note = "Sessions whose latest activity was in these days; the figures are those of the whole session."
    if not found.is_complete:
        note += " Not all of them could be looked at: dearer ones may be missing."
    return Section(tables.dearest(found.records, may_read=may(request, "read_transcript")), note=note)


def _budgets(request: HttpRequest, asked: UsageAsked, report: UsageReport) -> Section:
    owners = [asked.owner] if asked.owner else [owner for owner, _ in report.by_owner[:MOST_OWNERS]]
    may_see_keys = request.user.has_perm(f"access.{VIEW_KEYS}")
    table = tables.budgets(budgets_to_date(owners), may_see_keys=may_see_keys)
    whose = "this owner" if asked.owner else f"the dearest owners above, {MOST_OWNERS} at most"
    note = f"This month (UTC), whatever range is shown, of {whose}."
    return Section(table, note=note)
