"""One key: what is known of it, and its rotating and revoking, which ask first and act by POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from access.admin import audit
from access.admin.addresses import key_url
from access.admin.audit import KeyAction
from access.admin.forms import HOUR, ReasonForm, RotateForm
from access.admin.key_page import key_context, secret_page
from access.admin.pages import MANAGE, VIEW, StaffPage, may
from access.admin.shown import state_of
from access.api_key import ApiKey
from access.keys.clock import now
from access.keys.errors import KeyNotActive
from access.keys.find_keys import find_key
from access.keys.revoke_key import revoke_key
from access.keys.rotate_key import rotate_key


class ShowKey(StaffPage):
    """Everything but the secret, which nobody has."""

    permissions = (VIEW,)
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, key_id: str) -> HttpResponseBase:
        key = find_key(key_id)
        may_change = may(request, MANAGE)
        context = {
            **key_context(request, f"API key {key_id}", key),
            "rotate": key_url("rotate", key_id) if may_change and _is_active(key) else "",
            "revoke": key_url("revoke", key_id) if may_change and key.revoked_at is None else "",
        }
        return TemplateResponse(request, "admin/access/apikey/key.html", context)


class RotateKey(StaffPage):
    """A new key in the place of this one. It works once: a rotated key is not rotated again."""

    def get(self, request: HttpRequest, key_id: str) -> HttpResponseBase:
        return self._page(request, _rotatable(key_id), RotateForm(action=KeyAction.ROTATE))

    def post(self, request: HttpRequest, key_id: str) -> HttpResponseBase:
        key = _rotatable(key_id)
        form = RotateForm(request.POST, action=KeyAction.ROTATE)
        if not form.is_valid():
            return self._page(request, key, form, status=400)
        hours: int = form.cleaned_data["overlap_hours"]
        reason: str = form.cleaned_data["reason"]
        entry = audit.record(request, KeyAction.ROTATE, key, reason=reason, overlap_hours=hours)
        try:
            with audit.uncertainty_on_record(entry):
                issued = rotate_key(key_id, overlap=hours * HOUR)
        except KeyNotActive as error:
            audit.add_outcome(entry, refused=str(error))
            raise
        audit.add_outcome(entry, rotated_to=issued.key.key_id)
        return secret_page(request, "API key rotated", issued, replaced=key_id)

    def _page(self, request: HttpRequest, key: ApiKey, form: RotateForm, *, status: int = 200) -> TemplateResponse:
        context = {
            **key_context(request, "Rotate this key", key),
            "question": "A new key with the same owner, name, scopes and limits takes its place. Its secret is shown "
            "once, on the next page.",
            "form": form,
            "submit": "Rotate the key",
        }
        return TemplateResponse(request, "admin/access/apikey/confirm.html", context, status=status)


class RevokeKey(StaffPage):
    """The end of a key. Done again, it changes nothing."""

    def get(self, request: HttpRequest, key_id: str) -> HttpResponseBase:
        return self._page(request, find_key(key_id), ReasonForm(action=KeyAction.REVOKE))

    def post(self, request: HttpRequest, key_id: str) -> HttpResponseBase:
        key = find_key(key_id)
        form = ReasonForm(request.POST, action=KeyAction.REVOKE)
        if not form.is_valid():
            return self._page(request, key, form, status=400)
        if key.revoked_at is None:
            entry = audit.record(request, KeyAction.REVOKE, key, reason=form.cleaned_data["reason"])
            with audit.uncertainty_on_record(entry):
                revoke_key(key_id)
        messages.success(request, f"Key {key_id} is revoked; within 30 seconds nobody gets in with it.")
        return HttpResponseRedirect(key_url("change", key_id))

    def _page(self, request: HttpRequest, key: ApiKey, form: ReasonForm, *, status: int = 200) -> HttpResponseBase:
        if key.revoked_at is not None:
            messages.info(request, f"Key {key.key_id} is revoked already.")
            return HttpResponseRedirect(key_url("change", key.key_id))
        context = {
            **key_context(request, "Revoke this key", key),
            "question": "Within 30 seconds nobody gets in with it, and nobody can bring it back. Sessions and usage of "
            "its owner stay, and so do the owner's other keys.",
            "form": form,
            "submit": "Revoke the key",
            "is_destructive": True,
        }
        return TemplateResponse(request, "admin/access/apikey/confirm.html", context, status=status)


def _rotatable(key_id: str) -> ApiKey:
    """The key. Raises KeyNotFound, StoreUnavailable, and KeyNotActive for one that nothing can take the place of."""
    key = find_key(key_id)
    if not _is_active(key):
        raise KeyNotActive(f"Key {key_id} is {state_of(key, now())}: nothing can take its place.")
    return key


def _is_active(key: ApiKey) -> bool:
    return state_of(key, now()) == "active"
