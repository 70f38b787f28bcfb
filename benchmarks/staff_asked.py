"""What is asked of staff's pages: each page, and each file."""

import datetime as dt
import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING

from django.urls import reverse

from benchmarks.staff_seed import LONG_OWNER, LONG_SESSION, MESSAGES, MODELS

if TYPE_CHECKING:
    from django.test import Client


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: a GET, or a POST of `form`. One whose `rows` are what costs is made once: MiniStack takes long."""

    name: str
    address: str
    form: dict[str, str] = field(default_factory=dict)
    rows: int = 0


def asked(client: "Client", today: dt.date) -> list[Asked]:
    """Everything, in the order in which it is measured."""
    return [*_lists(client, today), *_one_session(), *_usage(today), *_others()]


def _lists(client: "Client", today: dt.date) -> list[Asked]:
    sessions = reverse("admin:conversations_session_changelist")
    yesterday, week = today - dt.timedelta(days=1), today - dt.timedelta(days=6)
    a_day = f"{sessions}?day={yesterday}"
    return [
        Asked("sessions, as the list opens", sessions),
        Asked("sessions of a day", a_day),
        Asked("sessions of a day, second page", sessions + _older(client, a_day)),
        Asked("sessions of a week", f"{sessions}?since={week}&until={today}"),
        Asked("sessions of a day, failed", f"{a_day}&state=failed"),
        Asked("sessions of a day, of a model", f"{a_day}&model={MODELS[0]}"),
        Asked("sessions of a day, of a model unused", f"{a_day}&model={MODELS[1]}"),
        Asked("sessions of an owner", f"{sessions}?owner={LONG_OWNER}"),
        Asked("sessions of an owner, idle", f"{sessions}?owner={LONG_OWNER}&state=idle"),
        Asked("search by id", f"{sessions}?q={LONG_SESSION}"),
        Asked(
            "search for words of a day", client.post(sessions, {"day": str(yesterday), "words": "about"})["Location"]
        ),
        Asked("stuck turns", reverse("admin:conversations_stuckturn_changelist")),
    ]


def _older(client: "Client", address: str) -> str:
    """The query of the next page's link."""
    found = re.search(r'href="(\?[^"]*older_than=[^"]*)"', client.get(address).content.decode())
    if not found:
        raise SystemExit(f"{address} has no second page")
    return unescape(found[1])


def _one_session() -> list[Asked]:
    page = reverse("admin:conversations_session_change", args=[LONG_SESSION])
    export = reverse("admin:conversations_session_export", args=[LONG_SESSION])
    return [
        Asked(f"transcript of {MESSAGES:,} messages", page),
        Asked("the same, from its beginning", f"{page}?from_start=1"),
        Asked(f"export of {MESSAGES:,} messages, JSON", export, {"export_format": "json"}, rows=MESSAGES),
    ]


def _usage(today: dt.date) -> list[Asked]:
    usage = reverse("admin:conversations_usage_changelist")
    week = f"since={today - dt.timedelta(days=6)}&until={today}"
    return [
        Asked("usage and cost, this month", usage),
        Asked("usage and cost, 7 days", f"{usage}?{week}"),
        Asked("usage and cost, 7 days, an owner", f"{usage}?{week}&owner={LONG_OWNER}"),
        Asked("usage and cost, 30 days", f"{usage}?days=30"),
        Asked("usage and cost, 90 days", f"{usage}?days=90"),
        Asked("usage and cost, 7 days, CSV", f"{reverse('admin:conversations_usage_export')}?{week}", {"reason": ""}),
    ]


def _others() -> list[Asked]:
    trail, keys = reverse("admin:admin_logentry_changelist"), reverse("admin:access_apikey_changelist")
    return [
        Asked("audit trail", trail),
        Asked("audit trail of an action", f"{trail}?action=read"),
        Asked("audit trail of a session", f"{trail}?subject={LONG_SESSION}"),
        Asked("audit trail, searched", f"{trail}?q={LONG_SESSION}"),
        Asked("keys", keys),
    ]
