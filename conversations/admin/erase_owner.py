"""Erasing everything of an owner, with a receipt."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from access.admin.audit import KeyAction
from access.staff.reasons import is_required
from conversations.admin import audit
from conversations.admin.addresses import erase_owner_url, list_url
from conversations.admin.audit import Action
from conversations.admin.owner_keys import keys_of, may_revoke, revoke_all
from conversations.admin.pages import BadQuery, StaffPage, page_context
from conversations.admin.reasons import ReasonForm
from conversations.admin.receipts import receipt_page
from conversations.models import Owner
from conversations.services.staff import erase

MAX_OWNER_CHARS = 255
_COUNTED = 1000


class EraseOwnerForm(ReasonForm):
    """The owner is typed again. Whether keys are revoked too is asked of those alone who `may_revoke`."""

    confirmed = forms.CharField(
        label="Owner, typed again",
        max_length=MAX_OWNER_CHARS,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    revoke_keys = forms.BooleanField(
        required=False,
        label="Revoke the owner's API keys too",
        help_text="Within 30 seconds nobody gets in with them, and nobody can bring them back.",
    )

    def __init__(self, *args: object, owner: str, may_revoke: bool, **kwargs: Any) -> None:  # noqa: ANN401  # a form's own
        super().__init__(*args, action=Action.ERASE, **kwargs)
        self.owner = owner
        if not may_revoke:
            del self.fields["revoke_keys"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("revoke_keys") and not values.get("reason") and is_required(KeyAction.REVOKE):
            self.add_error("reason", "Revoking keys needs a reason.")
        return values

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
        return self._page(request, owner, EraseOwnerForm(owner=owner, may_revoke=may_revoke(request)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        owner = _owner(request)
        if "revoke_keys" in request.POST and not may_revoke(request):
            raise PermissionDenied
        form = EraseOwnerForm(request.POST, owner=owner, may_revoke=may_revoke(request))
        if not form.is_valid():
            return self._page(request, owner, form, status=400)
        reason, is_revoking = form.cleaned_data["reason"], bool(form.cleaned_data.get("revoke_keys"))
        keys = keys_of(request, owner)
        entry = audit.record(request, Action.ERASE, Owner(owner), reason=reason, revoke_keys=is_revoking)
        if is_revoking:  # first, so that nobody begins a session meanwhile
            keys = revoke_all(request, keys, reason=reason)
        receipt = erase.erase_owner(owner)
        rest = {"confirmed": owner, "reason": reason, **({"revoke_keys": "on"} if is_revoking else {})}
        return receipt_page(request, receipt, entry, again=erase_owner_url(owner), rest=rest, keys=keys)

    def _page(self, request: HttpRequest, owner: str, form: EraseOwnerForm, *, status: int = 200) -> TemplateResponse:
        count, is_all = erase.count_sessions(owner, most=_COUNTED)
        context = {
            **page_context(request, "Erase all sessions of an owner"),
            "owner": owner,
            "form": form,
            "count": f"{count}{'' if is_all else ' and more'}",
            "keys": keys_of(request, owner),
            "back": list_url(owner=owner),
        }
        return TemplateResponse(request, "admin/conversations/erase_owner.html", context, status=status)


def _owner(request: HttpRequest) -> str:
    owner = request.GET.get("owner", "")
    if not owner or len(owner) > MAX_OWNER_CHARS:
        raise BadQuery("The address names no owner.")
    return owner
