"""Which page of a transcript is shown, and the ways to others: first, previous, next, latest, or that of a time."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from access.staff.shown import moment_html
from conversations.admin.addresses import session_url
from conversations.admin.days import EARLIEST
from conversations.admin.pages import BadQuery
from conversations.services.staff.read_transcript import PlaceAsked, Transcript

_ON_THE_CLOCK = "%Y-%m-%dT%H:%M:%S"


class TranscriptForm(forms.Form):
    """The parameters of a transcript's page."""

    before = forms.CharField(required=False, max_length=512)
    after = forms.CharField(required=False, max_length=512)
    number = forms.IntegerField(required=False, min_value=1)
    from_start = forms.BooleanField(required=False)
    at = forms.DateTimeField(
        required=False,
        input_formats=[_ON_THE_CLOCK, "%Y-%m-%dT%H:%M"],
        error_messages={"invalid": "Enter a date and a time (UTC), as in 2026-11-23T09:30."},
    )
    plain = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if sum(bool(values.get(name)) for name in ("before", "after", "from_start", "at")) > 1:
            raise forms.ValidationError("A page is before or after a message, at the start, or at a time.")
        return values

    def clean_at(self) -> dt.datetime | None:
        at: dt.datetime | None = self.cleaned_data["at"]
        if at and at.date() < EARLIEST:
            raise forms.ValidationError(f"Times are from {EARLIEST} on.")
        return at


@dataclass(frozen=True, slots=True)
class TranscriptAsked:
    """The parameters as values; `is_plain` shows answers as they were written."""

    place: PlaceAsked
    is_plain: bool


def transcript_asked(parameters: QueryDict) -> TranscriptAsked:
    """Raises BadQuery, which says what is wrong."""
    form = TranscriptForm(parameters)
    if not form.is_valid():
        raise BadQuery.of(form)
    values = form.cleaned_data
    place = PlaceAsked(
        before=values["before"] or None,
        after=values["after"] or None,
        number=values["number"],
        from_start=values["from_start"],
        at=values["at"],
    )
    return TranscriptAsked(place, is_plain=values["plain"])


@dataclass(frozen=True, slots=True)
class Pager:
    """Where this page is, in words, and addresses; one is empty where there is no such page."""

    shown: SafeString
    first: str
    previous: str
    following: str
    latest: str
    other_form: str
    is_plain: bool
    begins: str
    ends: str
    at: str

    @property
    def has_others(self) -> bool:
        """Whether there are messages on other pages."""
        return bool(self.previous or self.following)


def pager(transcript: Transcript, asked: TranscriptAsked) -> Pager:
    """The way from this page to the others."""
    session = transcript.head.session
    base = session_url("change", session.session_id)
    plain = {"plain": "1"} if asked.is_plain else {}
    number = transcript.first_number

    def page(**parameters: str) -> str:
        return f"{base}?{urlencode({**plain, **parameters})}"

    def beside(name: str, cursor: str | None, edge: int) -> str:
        """The page beyond a cursor, whose message has this place on the page."""
        numbered = {} if number is None else {"number": str(number + edge)}
        return page(**{name: cursor}, **numbered) if cursor else ""

    return Pager(
        shown=_shown(transcript),
        first=page(from_start="1") if transcript.earlier else "",
        previous=beside("before", transcript.earlier, 0),
        following=beside("after", transcript.later, len(transcript.rows) - 1),
        latest=page() if transcript.later else "",
        other_form=f"{base}?{urlencode({**_place(asked.place), **({} if asked.is_plain else {'plain': '1'})})}",
        is_plain=asked.is_plain,
        begins=f"{session.created_at:{_ON_THE_CLOCK}}",
        ends=f"{session.updated_at:{_ON_THE_CLOCK}}",
        at=f"{asked.place.at or session.created_at:{_ON_THE_CLOCK}}",
    )


def _place(place: PlaceAsked) -> dict[str, str]:
    """The parameters that ask for the same page again."""
    values = {
        "before": place.before,
        "after": place.after,
        "number": place.number,
        "from_start": "1" if place.from_start else None,
        "at": f"{place.at:{_ON_THE_CLOCK}}" if place.at else None,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _shown(transcript: Transcript) -> SafeString:
    """Which messages these are: by number, or, where that is not known, by time."""
    count, rows, first = transcript.head.session.message_count, transcript.rows, transcript.first_number
    if first is not None:
        return format_html("Messages {}\u2013{} of {}", f"{first:,}", f"{first + len(rows) - 1:,}", f"{count:,}")
    if not rows:
        return format_html("{} messages", f"{count:,}")
    start, end = (moment_html(row.created_at) for row in (rows[0], rows[-1]))
    return format_html("{} of {} messages, from {} to {}", f"{len(rows):,}", f"{count:,}", start, end)
