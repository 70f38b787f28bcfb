"""A new key. Its secret stands on the page that answers the form, and the form works once."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from access.admin import audit, one_time
from access.admin.addresses import list_url
from access.admin.audit import KeyAction
from access.admin.forms import CreateForm
from access.admin.key_page import secret_page
from access.admin.pages import StaffPage, page_context, staff_of
from access.keys.create_key import create_key
from access.keys.errors import InvalidField

_TOKEN = "form_token"  # noqa: S105  # a field's name


class CreateKey(StaffPage):
    """`?owner=` fills the owner in."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = CreateForm(initial={"owner": request.GET.get("owner", "")})
        return self._page(request, form, token=one_time.issue(staff_of(request)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form, token = CreateForm(request.POST), request.POST.get(_TOKEN, "")
        if not form.is_valid():
            return self._page(request, form, token=token, status=400)
        one_time.redeem(staff_of(request), token)
        entry = audit.record(request, KeyAction.CREATE, None, reason=form.cleaned_data["reason"], **_on_record(form))
        try:
            with audit.uncertainty_on_record(entry):
                issued = create_key(**form.wanted())
        except InvalidField as error:  # its expiry came since the form was read
            audit.add_outcome(entry, refused=str(error))
            form.add_error(error.field, str(error))
            return self._page(request, form, token=one_time.issue(staff_of(request)), status=400)
        audit.add_key(entry, issued.key)
        return secret_page(request, "API key created", issued)

    def _page(self, request: HttpRequest, form: CreateForm, *, token: str, status: int = 200) -> TemplateResponse:
        context = {
            **page_context(request, "Create an API key"),
            "form": form,
            "token_name": _TOKEN,
            "token": token,
            "back": list_url(),
        }
        return TemplateResponse(request, "admin/access/apikey/create.html", context, status=status)


def _on_record(form: CreateForm) -> dict[str, object]:
    """The wishes as JSON holds them; what was left empty is left out."""
    wanted = form.wanted()
    texts = {name: str(value) for name, value in wanted.items() if value is not None and name != "scopes"}
    return {**texts, "scopes": wanted["scopes"]}
