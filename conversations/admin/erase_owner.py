"""Erasing everything of an owner, with a receipt."""

import re
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
from conversations.services.staff.find_sessions import SessionQuery, find_sessions

MAX_OWNER_CHARS = 255
_SHOWN = 50
_SESSION_IDS = re.compile(r"([A-Za-z0-9_-]{1,128}( [A-Za-z0-9_-]{1,128})*)?")


class EraseOwnerForm(ReasonForm):
    """The owner is typed again; `unfinished` comes from an earlier receipt."""

    confirmed = forms.CharField(
        label="Owner, typed again",
        max_length=MAX_OWNER_CHARS,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    unfinished = forms.CharField(required=False, max_length=200_000, widget=forms.HiddenInput)

    def __init__(self, *args: object, owner: str, **kwargs: Any) -> None:  # noqa: ANN401  # a form's own
        super().__init__(*args, **kwargs)
        self.owner = owner

    def clean_confirmed(self) -> str:
        if self.cleaned_data["confirmed"] != self.owner:
            raise forms.ValidationError("This is not the owner above.")
        return self.owner

    def clean_unfinished(self) -> list[str]:
        text: str = self.cleaned_data["unfinished"]
        if not _SESSION_IDS.fullmatch(text):
            raise forms.ValidationError("These are no session ids.")
        return text.split()


class EraseOwner(StaffPage):
    """Shows whose sessions go, and erases them on POST."""

    permission = "erase_owner"
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        owner = _owner(request)
        form = EraseOwnerForm(
            action=Action.ERASE, owner=owner, initial={"unfinished": request.GET.get("unfinished", "")}
        )
        return self._page(request, owner, form)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        owner = _owner(request)
        form = EraseOwnerForm(request.POST, action=Action.ERASE, owner=owner)
        if not form.is_valid():
            return self._page(request, owner, form, status=400)
        entry = audit.record(request, Action.ERASE, Owner(owner), reason=form.cleaned_data["reason"])
        receipt = erase.erase_owner(owner, unfinished=form.cleaned_data["unfinished"])
        rest = {
            "confirmed": owner,
            "unfinished": " ".join(receipt.unfinished),
            "reason": form.cleaned_data["reason"],
        }
        again = erase_owner_url(owner, unfinished=receipt.unfinished)
        return receipt_page(request, receipt, entry, again=again, rest=rest)

    def _page(self, request: HttpRequest, owner: str, form: EraseOwnerForm, *, status: int = 200) -> TemplateResponse:
        found = find_sessions(SessionQuery(owner=owner), limit=_SHOWN)
        context = {
            **page_context(request, "Erase all sessions of an owner"),
            "owner": owner,
            "form": form,
            "count": f"{len(found.rows)}{'' if found.older is None else ' and more'}",
            "back": list_url(owner=owner),
        }
        return TemplateResponse(request, "admin/conversations/erase_owner.html", context, status=status)


def _owner(request: HttpRequest) -> str:
    owner = request.GET.get("owner", "")
    if not owner or len(owner) > MAX_OWNER_CHARS:
        raise BadQuery("The address names no owner.")
    return owner
