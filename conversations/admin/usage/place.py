"""The usage pages' place in the admin's index, and their addresses.

The pages are imported when somebody opens one: charts, budgets and closed days are nothing that a process needs to
answer a chat.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from access.staff.read_only import ReadOnlyAdmin
from conversations.admin.pages import may
from conversations.models import Usage


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin):
    """Nothing of Django's own: the pages are ours."""

    def get_urls(self) -> list[URLPattern]:
        opened = self.admin_site.admin_view
        return [
            path("", opened(_show), name="conversations_usage_changelist"),
            path("export/", opened(_export), name="conversations_usage_export"),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  # Django's
        return may(request, "view_usage")


def _show(request: HttpRequest) -> HttpResponseBase:
    from conversations.admin.usage.page import UsagePage

    return UsagePage.as_view()(request)


def _export(request: HttpRequest) -> HttpResponseBase:
    from conversations.admin.usage.export import ExportUsage

    return ExportUsage.as_view()(request)
