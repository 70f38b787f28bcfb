"""Why a member of staff does something: asked for where STAFF_REASON_REQUIRED says so, kept in the audit trail.

Reading goes on over many pages, so its reason is remembered for a while, in the session of the member of staff.
"""

import time

from django import forms
from django.conf import settings
from django.http import HttpRequest

from conversations.admin.audit import Action

REMEMBERED_SECONDS = 30 * 60
_MOST = 50
_KEY = "staff_reasons"


class ReasonForm(forms.Form):
    """A reason, required where the setting asks for one."""

    reason = forms.CharField(
        max_length=500,
        help_text="Kept in the audit trail. Quote nothing that was said.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def __init__(self, *args: object, action: Action, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # a form's own arguments, handed on
        self.fields["reason"].required = is_required(action)
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])


def is_required(action: Action) -> bool:
    """Whether this action needs a reason."""
    return action in settings.STAFF_REASON_REQUIRED


def remember(request: HttpRequest, action: Action, subject: str, reason: str) -> None:
    """Keeps the reason for this member of staff, this action and this session (or other subject)."""
    held = {**request.session.get(_KEY, {}), f"{action} {subject}": [reason, int(time.time())]}
    request.session[_KEY] = dict(list(held.items())[-_MOST:])


def remembered(request: HttpRequest, action: Action, subject: str) -> str | None:
    """The reason given within the last half hour; None where one must be asked for first."""
    reason, given_at = request.session.get(_KEY, {}).get(f"{action} {subject}", ("", 0))
    if given_at + REMEMBERED_SECONDS > time.time():
        return str(reason)
    return None if is_required(action) else ""
