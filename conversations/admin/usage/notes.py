"""Sentences of the usage page: how fresh it is, and what it does not show."""

import datetime as dt
from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.staff.shown import moment_html
from conversations.services.staff.budget_keys import MOST_READ
from conversations.services.staff.budgets_to_date import MOST_KEYS, MOST_OWNERS, BudgetsToDate
from conversations.services.staff.closing_days import first_open_day
from conversations.services.staff.dearest_sessions import DearestSessions
from conversations.services.staff.usage_figures import Figure
from conversations.services.staff.usage_report import UsageReport

RANKED = {
    Figure.COST: "dearest first",
    Figure.TURNS: "most turns first",
    Figure.FAILED: "most failed turns first",
    Figure.TOKENS: "most tokens first",
    Figure.LATENCY: "slowest first",
}


def freshness(report: UsageReport, *, now: dt.datetime) -> SafeString:
    """When the days that are shown were read: closed ones when they were copied, open ones for this page."""
    read, copied = SafeString(""), SafeString("")
    if report.read_at:
        read = format_html(" Open days were read from the ledger at {}.", moment_html(report.read_at))
    if report.copied_at:
        closed_until = first_open_day(now) - dt.timedelta(days=1)
        html = " Closed days, up to {}, were copied {}."
        copied = format_html(html, closed_until, _between(*report.copied_at))
    return format_html("{}{}", copied, read)


def days_told(days: Sequence[dt.date]) -> str:
    """Days by name, or how many where there are many; empty for none."""
    if len(days) > 2:  # noqa: PLR2004  # two are named
        return f"{len(days)} days between {days[0]} and {days[-1]}, told in the table"
    return " and ".join(map(str, days))


def dearest_note(found: DearestSessions) -> str:
    """Which sessions these are."""
    note = "Sessions whose latest activity was in these days; the figures are those of the whole session."
    return note if found.is_complete else f"{note} Not all of them could be looked at: dearer ones may be missing."


def budgets_note(found: BudgetsToDate, *, of_owner: bool, with_keys: bool) -> str:
    """Whose budgets these are, and whose are not shown."""
    whose = "this owner" if of_owner else f"the month's {MOST_OWNERS} dearest owners"
    keys = f", and of {'its' if of_owner else 'the'} {MOST_KEYS} API keys used last" if with_keys else ""
    notes = [f"This month (UTC), whatever range is shown: of {whose}{keys}."]
    if found.owners_near:
        who = "owner who by the ledger is" if found.owners_near == 1 else "owners who by the ledger are"
        notes.append(f"Not shown: {found.owners_near:,} more {who} near a budget or over it.")
    if found.keys_left_out:
        keys = "key" if found.keys_left_out == 1 else "keys"
        notes.append(f"Not shown: {found.keys_left_out:,} more API {keys}, used longer ago.")
    if not found.is_every_key:
        notes.append(f"Only the {MOST_READ} newest API keys were looked through.")
    if not found.is_whole_month:
        notes.append("Days of this month that are not copied yet do not count for who is dearest.")
    return " ".join(notes)


def _between(oldest: dt.datetime, newest: dt.datetime) -> SafeString:
    if oldest == newest:
        return format_html("at {}", moment_html(oldest))
    return format_html("between {} and {}", moment_html(oldest), moment_html(newest))
