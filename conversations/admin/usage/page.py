"""The page of usage and cost: what everybody, an owner or a model used, in charts and tables.

It shows sums and names and nothing that was said, so looking at it is not on record.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.staff.shown import moment_html
from conversations.admin.addresses import list_url, usage_export_url, usage_url
from conversations.admin.pages import StaffPage, may, page_context
from conversations.admin.usage.figures import tiles
from conversations.admin.usage.form import PRESETS, UsageAsked, usage_asked
from conversations.admin.usage.sections import sections
from conversations.domain import Spending
from conversations.services import clock
from conversations.services.staff.closing_days import first_open_day
from conversations.services.staff.usage_report import UsageReport, usage_report


class UsagePage(StaffPage):
    """This month's use, or that of the range, owner and model that the address names."""

    permission = "view_usage"
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        asked = usage_asked(request.GET, today=clock.now().date())
        report = usage_report(**asked.restriction)
        context = {
            **page_context(request, "Usage and cost"),
            "asked": asked,
            "report": report,
            "has_use": report.totals != Spending(),
            "freshness": _freshness(report),
            "again": request.get_full_path(),
            "tiles": tiles(report.totals),
            "sections": sections(request, asked, report),
            **_choices(asked, report),
            "links": _links(request, asked),
        }
        return TemplateResponse(request, "admin/conversations/usage.html", context)


def _freshness(report: UsageReport) -> SafeString | str:
    if report.read_at is None:
        return "All of these days are closed."
    closed_until = first_open_day(report.read_at) - dt.timedelta(days=1)
    html = "Read from the ledger at {}; days up to {} are closed."
    return format_html(html, moment_html(report.read_at), closed_until)


def _choices(asked: UsageAsked, report: UsageReport) -> dict[str, Any]:
    """The ranges as links, and the models that can be chosen."""
    ranges = [
        ("This month", usage_url(**asked.filters), asked.is_month),
        *((f"Last {days} days", usage_url(days=str(days), **asked.filters), asked.preset == days) for days in PRESETS),
    ]
    used = (model for model, _ in report.by_model)
    models = dict.fromkeys([settings.BEDROCK_MODEL_ID, *settings.BEDROCK_MODELS, *used, asked.model_id])
    return {"ranges": ranges, "models": [model for model in models if model]}


def _links(request: HttpRequest, asked: UsageAsked) -> dict[str, str]:
    is_of_owner = asked.owner and may(request, "view_session")
    return {
        "export": usage_export_url(**asked.parameters) if may(request, "export_usage") else "",
        "everything": usage_url(since=str(asked.first), until=str(asked.last)) if asked.filters else "",
        "sessions": list_url(owner=asked.owner) if is_of_owner else "",
    }
