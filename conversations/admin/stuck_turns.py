"""The page of what lost its process: turns whose lease ran out, and sessions whose erasing broke off."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from access.staff.read_only import ReadOnlyAdmin
from access.staff.shown import moment_html
from conversations.admin.addresses import list_url, session_url
from conversations.admin.pages import BadQuery, StaffPage, may, page_context
from conversations.models import StuckTurn
from conversations.services.staff.broken_erasings import find_broken_erasings
from conversations.services.staff.stuck_turns import DAYS, MOST, find_stuck_turns
from conversations.store.staff.heads import Erasing

_DEFAULT_DAYS = 3


class StuckTurnsPage(StaffPage):
    """Turns newest first; each leads to the session, or to ending its turn. Sessions lead to erasing their rest."""

    permissions = ("view_session",)
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        days = _days(request)
        found = find_stuck_turns(days=days)
        rows = [
            {
                "record": turn.record,
                "pending": turn.pending,
                "started": moment_html(turn.pending.started_at),
                "ended": moment_html(turn.pending.lease_until),
                "owner_link": list_url(owner=turn.record.owner),
                "link": session_url("change", turn.record.session_id),
                "cancel": session_url("cancel", turn.record.session_id),
            }
            for turn in found.rows
        ]
        broken = find_broken_erasings()
        context: dict[str, Any] = {
            **page_context(request, "Stuck turns"),
            "rows": rows,
            "found": found,
            "days": days,
            "choices": DAYS,
            "most": MOST,
            "broken": broken,
            "broken_rows": [_broken_row(erasing) for erasing in broken.rows],
            "may_read": may(request, "read_transcript"),
            "may_cancel": may(request, "cancel_turn"),
            "may_erase": may(request, "erase_session"),
        }
        return TemplateResponse(request, "admin/conversations/stuck_turns.html", context)


def _broken_row(erasing: Erasing) -> dict[str, Any]:
    return {
        "erasing": erasing,
        "since": moment_html(erasing.since),
        "owner_link": list_url(owner=erasing.owner),
        "erase": session_url("erase", erasing.session_id),
    }


@admin.register(StuckTurn)
class StuckTurnAdmin(ReadOnlyAdmin):
    """The page's place in the index and in the side bar."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(StuckTurnsPage.as_view())
        return [path("", view, name="conversations_stuckturn_changelist")]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, "view_session")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  # Django's
        return may(request, "view_session")


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", str(_DEFAULT_DAYS))
    if asked not in {str(days) for days in DAYS}:
        raise BadQuery(f"days: one of {', '.join(map(str, DAYS))}.")
    return int(asked)
