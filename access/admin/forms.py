"""What staff fill in. The rules are those of `access.keys`; a form only says which field breaks one."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from django import forms

from access.admin.audit import KeyAction
from access.admin.shown import default_budget, default_rate_limit
from access.keys import rules
from access.keys.clock import now
from access.keys.errors import InvalidField
from access.keys.rotate_key import MAX_OVERLAP, OVERLAP
from access.scopes import Scope
from access.staff import reasons

HOUR = dt.timedelta(hours=1)
_SCOPES = {
    Scope.CHAT: "send messages, edit titles, stop turns",
    Scope.HISTORY_READ: "read sessions, messages and usage",
    Scope.HISTORY_DELETE: "erase sessions",
    Scope.MODELS: "list models",
}
Value = TypeVar("Value")


class ReasonForm(reasons.ReasonForm):
    """Why a key is changed."""

    caution = "Put no secret here."


class RotateForm(ReasonForm):
    """How long the old key is good for still."""

    overlap_hours = forms.IntegerField(
        min_value=0,
        max_value=MAX_OVERLAP // HOUR,
        initial=OVERLAP // HOUR,
        label="Overlap in hours",
        help_text=f"How long the old key lets callers in beside the new one: 0 to {MAX_OVERLAP // HOUR} hours.",
    )


class CreateForm(ReasonForm):
    """The fields of `create_key`, by the same names."""

    owner = forms.CharField(
        max_length=255,
        strip=False,
        help_text="Whom sessions and usage are filed under: visible ASCII characters, no spaces.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off", "autocapitalize": "none"}),
    )
    name = forms.CharField(
        max_length=rules.MAX_NAME_CHARS,
        strip=False,
        help_text="What the key is for, as in: web shop, production.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off", "dir": "auto"}),
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope}: {what}") for scope, what in _SCOPES.items()],
        initial=[scope.value for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_at = forms.DateTimeField(
        required=False,
        label="Expires at (UTC)",
        help_text="Empty: never.",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    rate_limit = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "60/minute"})
    )
    monthly_budget_usd = forms.DecimalField(
        required=False,
        label="Monthly budget in USD",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "12.50"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # a form's own arguments
        super().__init__(*args, action=KeyAction.CREATE, **kwargs)
        self.fields["rate_limit"].help_text = f"Of this key alone. Empty: the default ({default_rate_limit()})."
        self.fields["monthly_budget_usd"].help_text = f"Of this key alone. Empty: the default ({default_budget()})."

    def clean_owner(self) -> str:
        return _kept(rules.owner_of, self.cleaned_data["owner"])

    def clean_name(self) -> str:
        return _kept(rules.name_of, self.cleaned_data["name"])

    def clean_expires_at(self) -> dt.datetime | None:
        return _kept(lambda moment: rules.expiry_of(moment, now=now()), self.cleaned_data["expires_at"])

    def clean_rate_limit(self) -> str | None:
        return _kept(rules.rate_limit_of, self.cleaned_data["rate_limit"] or None)

    def clean_monthly_budget_usd(self) -> Decimal | None:
        budget: Decimal | None = self.cleaned_data["monthly_budget_usd"]
        _kept(rules.nano_usd_of, budget)
        return budget

    def wanted(self) -> dict[str, Any]:
        """What `create_key` takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


def _kept(rule: Callable[[Any], Value], value: Any) -> Value:  # noqa: ANN401  # whatever the rule takes
    """What the rule makes of the value, its refusal as Django has refusals."""
    try:
        return rule(value)
    except InvalidField as error:
        raise forms.ValidationError(str(error)) from error
