"""The audit trail as a page: read by those who may, changed and deleted by nobody."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from access.admin.audit import KeyAction
from access.staff.read_only import ReadOnlyAdmin
from access.staff.shown import moment_html, text_html
from conversations.admin import audit


class ActionFilter(admin.SimpleListFilter):
    """What staff did to sessions; Django's own entries, of accounts and groups, are under their content types."""

    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002  # Django's signature
        return [(action.value, action.value) for action in (*audit.Action, *KeyAction)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:  # noqa: ARG002  # as above
        return (
            queryset.filter(change_message__startswith=audit.beginning_of(self.value())) if self.value() else queryset
        )


class SubjectFilter(admin.SimpleListFilter):
    """One session, owner or key, exactly: where links lead from. Shown where it is set, to be taken away again."""

    title = "session, owner or key"
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002  # as above
        subject = self.value()
        return [(subject, subject)] if subject else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:  # noqa: ARG002  # as above
        return queryset.filter(object_id=self.value()) if self.value() else queryset


@admin.register(LogEntry)
class AuditTrailAdmin(ReadOnlyAdmin):
    """Registered for another reason too: Django deletes no user whose entries nobody may delete."""

    menu_name = "Audit trail"
    list_display = ("time", "user", "action", "subject", "reason", "address")
    list_display_links = ("time",)
    list_filter = (SubjectFilter, ActionFilter, ("content_type", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    list_per_page = 50
    search_fields = ("=object_id", "=user__username", "change_message")
    search_help_text = "Session id, owner or user name (exact), or words of a reason"
    date_hierarchy = "action_time"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = ("time", "user", "action", "content_type", "object_id", "reason", "address", "details")
    readonly_fields = fields

    class Media:
        css = {"all": ("staff/staff.css", "conversations/staff.css")}  # noqa: RUF012  # Django's way to say it
        js = ("staff/local_times.js",)

    @admin.display(description="Time", ordering="action_time")
    def time(self, entry: LogEntry) -> SafeString:
        return moment_html(entry.action_time)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "title": self.menu_name})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "title": "Entry of the audit trail"}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description="Session, owner or other")
    def subject(self, entry: LogEntry) -> SafeString:
        return text_html(entry.object_repr or "(no name)")

    @admin.display(description="Action")
    def action(self, entry: LogEntry) -> str:
        return str(audit.message_of(entry).get("action") or entry.get_action_flag_display())

    @admin.display(description="Reason")
    def reason(self, entry: LogEntry) -> str:
        return str(audit.message_of(entry).get("reason", ""))

    @admin.display(description="Address")
    def address(self, entry: LogEntry) -> str:
        return str(audit.message_of(entry).get("address", ""))

    @admin.display(description="Details")
    def details(self, entry: LogEntry) -> str:
        message = audit.message_of(entry)
        return json.dumps(message, indent=1, ensure_ascii=False) if message else entry.get_change_message()
