"""The page that asks why, before what was said is shown or searched."""

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from conversations.admin import reasons
from conversations.admin.addresses import list_url
from conversations.admin.audit import Action
from conversations.admin.pages import BadQuery, StaffPage, page_context
from conversations.admin.reasons import ReasonForm


class GiveReason(StaffPage):
    """Asks why, remembers the answer, and goes on to where the question came from."""

    permissions = ("read_transcript",)
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self._page(request, ReasonForm(action=_action(request)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        action = _action(request)
        form = ReasonForm(request.POST, action=action)
        if not form.is_valid():
            return self._page(request, form, status=400)
        reasons.remember(request, action, request.GET.get("subject", ""), form.cleaned_data["reason"])
        return HttpResponseRedirect(_after(request))

    def _page(self, request: HttpRequest, form: ReasonForm, *, status: int = 200) -> TemplateResponse:
        context = {
            **page_context(request, "Why do you read what was said?"),
            "form": form,
            "subject": request.GET.get("subject", ""),
            "minutes": reasons.REMEMBERED_SECONDS // 60,
            "back": list_url(),
        }
        return TemplateResponse(request, "admin/conversations/reason.html", context, status=status)


def _action(request: HttpRequest) -> Action:
    try:
        return Action(request.GET.get("action", ""))
    except ValueError as error:
        raise BadQuery("The address names nothing to give a reason for.") from error


def _after(request: HttpRequest) -> str:
    after = request.GET.get("next", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(after, allowed_hosts=hosts, require_https=request.is_secure())
    return after if is_ours else list_url()
