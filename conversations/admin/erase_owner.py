"""Erasing everything of an owner, with a receipt."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from conversations.admin import audit
from conversations.admin.addresses import erase_owner_url, list_url
from conversations.admin.audit import Action
from conversations.admin.pages import BadQuery, StaffPage, page_context
from conversations.admin.reasons import ReasonForm
from conversations.admin.receipts import receipt_page
from conversations.models import Owner
from conversations.services.staff import erase

MAX_OWNER_CHARS = 255
_COUNTED = 1000


class EraseOwnerForm(ReasonForm):
    """The owner is typed again."""

    confirmed = forms.CharField(
        label="Owner, typed again",
        max_length=MAX_OWNER_CHARS,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: object, owner: str, **kwargs: Any) -> None:  # noqa: ANN401  # a form's own
        super().__init__(*args, **kwargs)
        self.owner = owner

    def clean_confirmed(self) -> str:
        if self.cleaned_data["confirmed"] != self.owner:
            raise forms.ValidationError("This is not the owner above.")
        return self.owner


class EraseOwner(StaffPage):
    """Shows whose sessions go, and erases them on POST."""

    permissions = ("erase_owner",)
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        owner = _owner(request)
        return self._page(request, owner, EraseOwnerForm(action=Action.ERASE, owner=owner))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        owner = _owner(request)
        form = EraseOwnerForm(request.POST, action=Action.ERASE, owner=owner)
        if not form.is_valid():
            return self._page(request, owner, form, status=400)
        entry = audit.record(request, Action.ERASE, Owner(owner), reason=form.cleaned_data["reason"])
        receipt = erase.erase_owner(owner)
        rest = {"confirmed": owner, "reason": form.cleaned_data["reason"]}
        return receipt_page(request, receipt, entry, again=erase_owner_url(owner), rest=rest)

    def _page(self, request: HttpRequest, owner: str, form: EraseOwnerForm, *, status: int = 200) -> TemplateResponse:
        count, is_all = erase.count_sessions(owner, most=_COUNTED)
        context = {
            **page_context(request, "Erase all sessions of an owner"),
            "owner": owner,
            "form": form,
            "count": f"{count}{'' if is_all else ' and more'}",
            "back": list_url(owner=owner),
        }
        return TemplateResponse(request, "admin/conversations/erase_owner.html", context, status=status)


def _owner(request: HttpRequest) -> str:
    owner = request.GET.get("owner", "")
    if not owner or len(owner) > MAX_OWNER_CHARS:
        raise BadQuery("The address names no owner.")
    return owner
