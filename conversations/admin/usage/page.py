"""The page of usage and cost: what everybody, an owner or a model used, in charts and tables.

It shows sums and names and nothing that was said, so looking at it is not on record.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from conversations.admin.addresses import list_url, usage_export_url, usage_url
from conversations.admin.pages import StaffPage, may, page_context
from conversations.admin.usage.figures import FIGURE_NAMES, tiles
from conversations.admin.usage.form import PRESETS, UsageAsked, usage_asked
from conversations.admin.usage.notes import days_told, freshness
from conversations.admin.usage.sections import sections
from conversations.domain import Spending
from conversations.services import clock
from conversations.services.staff.usage_reading import OpenDays
from conversations.services.staff.usage_report import UsageReport, usage_report


class UsagePage(StaffPage):
    """This month's use, or that of the range, owner and model that the address names."""

    permissions = ("view_usage",)
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        now = clock.now()
        asked = usage_asked(request.GET, today=now.date())
        open_days = OpenDays()
        report = usage_report(**asked.restriction, figure=asked.figure, open_days=open_days)
        parts = sections(request, asked, report, open_days)
        context = {
            **page_context(request, "Usage and cost"),
            "asked": asked,
            "report": report,
            "has_use": report.totals != Spending(),
            "freshness": freshness(report, now=now),
            "unread_days": days_told(report.unread_days),
            "unread_sections": parts.unread,
            "again": request.get_full_path(),
            "tiles": tiles(report.totals),
            "sections": parts.shown,
            **_choices(asked, report),
            "links": _links(request, asked),
        }
        return TemplateResponse(request, "admin/conversations/usage.html", context)


def _choices(asked: UsageAsked, report: UsageReport) -> dict[str, Any]:
    """The ranges and the figures of the charts as links, and the models that can be chosen."""
    ranges = [
        ("This month", usage_url(**asked.chosen), asked.is_month),
        *((f"Last {days} days", usage_url(days=str(days), **asked.chosen), asked.preset == days) for days in PRESETS),
    ]
    figures = [
        (name, usage_url(**{**asked.page, "figure": figure.value}), figure is asked.figure)
        for figure, name in FIGURE_NAMES.items()
    ]
    used = (model for model, _ in report.by_model)
    models = dict.fromkeys([settings.BEDROCK_MODEL_ID, *settings.BEDROCK_MODELS, *used, asked.model_id])
    return {"ranges": ranges, "figures": figures, "models": [model for model in models if model]}


def _links(request: HttpRequest, asked: UsageAsked) -> dict[str, str]:
    is_of_owner = asked.owner and may(request, "view_session")
    everything = {name: value for name, value in asked.page.items() if name not in asked.filters}
    return {
        "export": usage_export_url(**asked.parameters) if may(request, "export_usage") else "",
        "everything": usage_url(**everything) if asked.filters else "",
        "sessions": list_url(owner=asked.owner) if is_of_owner else "",
    }
