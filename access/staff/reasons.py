"""Why a member of staff does something: asked for where STAFF_REASON_REQUIRED names the action."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings


class ReasonForm(forms.Form):
    """A reason, required where the setting asks for one; always the last field. `caution` says what not to write."""

    caution: ClassVar[str]

    reason = forms.CharField(
        max_length=500, widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, action: str, **kwargs: Any) -> None:  # noqa: ANN401  # a form's own arguments
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_required(action)
        self.fields["reason"].help_text = f"Kept in the audit trail. {self.caution}"
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])


def is_required(action: str) -> bool:
    """Whether this action needs a reason."""
    return action in settings.STAFF_REASON_REQUIRED
