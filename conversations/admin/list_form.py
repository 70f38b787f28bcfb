"""What the address of staff's list asks for, checked."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import QueryDict

from conversations.admin.days import check_days
from conversations.admin.pages import BadQuery
from conversations.domain import SessionState
from conversations.services.staff.find_sessions import SessionQuery

CURSORS = ("newer_than", "older_than")


class ListForm(forms.Form):
    """The parameters of the list. `words` is the id of words (searched_words).

    `q` is a session id or an owner; with words, the owner whose sessions they are searched for in.
    """

    q = forms.CharField(required=False, max_length=255, strip=True)
    words = forms.CharField(required=False, max_length=200)
    owner = forms.CharField(required=False, max_length=255, strip=False)
    model = forms.CharField(required=False, max_length=2048)
    state = forms.ChoiceField(required=False, choices=[(state, state) for state in ("", "idle", "pending", "failed")])
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    newer_than = forms.CharField(required=False, max_length=512)
    older_than = forms.CharField(required=False, max_length=512)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if values.get("day") and (since or until):
            raise forms.ValidationError("Ask for one day or for a range, not for both.")
        if since and until and since > until:
            raise forms.ValidationError("The first day must not be after the last one.")
        if values.get("newer_than") and values.get("older_than"):
            raise forms.ValidationError("A page is newer or older, not both.")
        return values


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters as values. `query` has no days where none were asked for; `words` are looked up by their id.

    `exact` is a session id or an owner; with words an owner, which `query` has too unless a filter names another.
    """

    query: SessionQuery
    exact: str
    words_id: str
    newer_than: str | None
    older_than: str | None
    words: str = ""

    @property
    def has_days(self) -> bool:
        """Whether a day or a range was asked for."""
        return self.query.first is not None


def asked(parameters: QueryDict, *, today: dt.date) -> Asked:
    """Raises BadQuery, which says what is wrong."""
    form = ListForm(parameters)
    if not form.is_valid():
        raise BadQuery.of(form)
    values = form.cleaned_data
    check_days(values["day"], values["since"], values["until"], today=today)
    first, last = _days(values, today)
    return Asked(
        query=SessionQuery(
            first=first,
            last=last,
            owner=values["owner"] or (values["q"] if values["words"] else ""),
            model_id=values["model"],
            state=cast("SessionState | None", values["state"] or None),
        ),
        exact=values["q"],
        words_id=values["words"],
        newer_than=values["newer_than"] or None,
        older_than=values["older_than"] or None,
    )


def _days(values: dict[str, Any], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """One day, or a range of which one end may be left open: today, or a month before the last day."""
    if values["day"]:
        return values["day"], values["day"]
    if not values["since"] and not values["until"]:
        return None, None
    last = values["until"] or max(today, values["since"])
    return values["since"] or last - dt.timedelta(days=30), last
