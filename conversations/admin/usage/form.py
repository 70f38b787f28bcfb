"""What the address of the usage page asks for, checked."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from conversations.admin.days import EARLIEST
from conversations.admin.pages import BadQuery
from conversations.services.staff.usage_figures import Figure
from conversations.services.staff.usage_report import MAX_DAYS

PRESETS = (7, 30, 90)


class UsageForm(forms.Form):
    """The parameters: `days` back from today, or a first and a last day; without any, this month."""

    days = forms.ChoiceField(required=False, choices=[(str(days), days) for days in PRESETS])
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    owner = forms.CharField(required=False, max_length=255, strip=False)
    model = forms.CharField(required=False, max_length=2048)
    figure = forms.ChoiceField(required=False, choices=[(figure.value, figure.value) for figure in Figure])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("days") and (values.get("since") or values.get("until")):
            raise forms.ValidationError("Ask for the last days or for a range, not for both.")
        return values


@dataclass(frozen=True, slots=True)
class UsageAsked:
    """The parameters as values; days are UTC ones. `preset` is the number of last days, 0 for anything else."""

    first: dt.date
    last: dt.date
    preset: int
    owner: str
    model_id: str
    is_month: bool
    figure: Figure

    @property
    def filters(self) -> dict[str, str]:
        """The parameters that say whose use, for addresses."""
        return {name: value for name, value in (("owner", self.owner), ("model", self.model_id)) if value}

    @property
    def parameters(self) -> dict[str, str]:
        """All of them; the range as days, so that an address goes on meaning the same."""
        return {"since": self.first.isoformat(), "until": self.last.isoformat(), **self.filters}

    @property
    def chosen(self) -> dict[str, str]:
        """The parameters that say whose use, and what the charts are of: links to other days keep them."""
        return {**self.filters, **({} if self.figure is Figure.COST else {"figure": self.figure.value})}

    @property
    def page(self) -> dict[str, str]:
        """All that the page shows; a file has no charts."""
        return {**self.parameters, **self.chosen}

    @property
    def restriction(self) -> dict[str, Any]:
        """The same as arguments of the services."""
        return {
            "first": self.first,
            "last": self.last,
            "owner": self.owner or None,
            "model_id": self.model_id or None,
        }


def usage_asked(parameters: QueryDict, *, today: dt.date) -> UsageAsked:
    """Raises BadQuery, which says what is wrong."""
    form = UsageForm(parameters)
    if not form.is_valid():
        raise BadQuery.of(form)
    values = form.cleaned_data
    preset = int(values["days"] or 0)
    first, last = _range(values, preset, today)
    if first > last:
        raise BadQuery("The first day must not be after the last one.")
    if first < EARLIEST or first > today:
        raise BadQuery(f"The first day must be from {EARLIEST} to {today}.")
    if (last - first).days >= MAX_DAYS:
        raise BadQuery(f"A range has {MAX_DAYS} days at most.")
    is_month = not (preset or values["since"] or values["until"])
    return UsageAsked(
        first, last, preset, values["owner"], values["model"], is_month, Figure(values["figure"] or Figure.COST)
    )


def _range(values: dict[str, Any], preset: int, today: dt.date) -> tuple[dt.date, dt.date]:
    """Without a first day the month of the last one, without a last day up to today."""
    if preset:
        return today - dt.timedelta(days=preset - 1), today
    last = values["until"] or max(today, values["since"] or today)
    return values["since"] or last.replace(day=1), last
