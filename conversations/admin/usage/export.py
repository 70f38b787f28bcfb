"""The ledger's lines behind the usage page as a file. It asks first, acts by POST, and is on record."""

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from access.staff.exports import file_on_record
from conversations.admin import audit
from conversations.admin.addresses import usage_url
from conversations.admin.audit import Action
from conversations.admin.pages import StaffPage, page_context
from conversations.admin.reasons import ReasonForm
from conversations.admin.usage.form import UsageAsked, usage_asked
from conversations.admin.usage.spreadsheet import UsageFile
from conversations.models import Owner, Usage
from conversations.services import clock
from conversations.services.staff.usage_report import usage_lines


class ExportUsage(StaffPage):
    """The same range, owner and model as the page that leads here."""

    permissions = ("export_usage",)
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self._page(request, _asked(request), ReasonForm(action=Action.EXPORT_USAGE))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        asked = _asked(request)
        form = ReasonForm(request.POST, action=Action.EXPORT_USAGE)
        if not form.is_valid():
            return self._page(request, asked, form, status=400)
        reason: str = form.cleaned_data["reason"]
        entry = audit.record(request, Action.EXPORT_USAGE, _subject(asked), reason=reason, **asked.parameters)
        name = f"usage-{asked.first}-to-{asked.last}.csv"
        file = UsageFile(lambda: usage_lines(**asked.restriction))
        return StreamingHttpResponse(
            file_on_record(entry, file.pieces(), facts=lambda: {"rows": file.rows}),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _page(
        self, request: HttpRequest, asked: UsageAsked, form: ReasonForm, *, status: int = 200
    ) -> TemplateResponse:
        context = {
            **page_context(request, "Export usage and cost"),
            "asked": asked,
            "form": form,
            "back": usage_url(**asked.parameters),
        }
        return TemplateResponse(request, "admin/conversations/usage_export.html", context, status=status)


def _asked(request: HttpRequest) -> UsageAsked:
    return usage_asked(request.GET, today=clock.now().date())


def _subject(asked: UsageAsked) -> Owner | Usage:
    """What the audit trail files it under: the owner, or the days where everybody's use is exported."""
    return Owner(asked.owner) if asked.owner else Usage(f"{asked.first} to {asked.last}")
