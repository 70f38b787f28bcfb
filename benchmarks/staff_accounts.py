"""What staff's pages find beside sessions: who asks, what is on record, API keys, and copies of closed days."""

import datetime as dt
import json

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import Client

from access.keys.create_key import create_key
from benchmarks.staff_seed import DAYS
from conversations.admin.audit import READING, Action
from conversations.models import Session, UsageDay, UsageDayModel, UsageDaySession, UsageLine

ENTRIES, KEYS = 10_000, 200
# Of three months, the last of which has a ledger.
_MONTHS_COPIED = 3
_BATCH = 1000


def member_of_staff() -> Client:
    """A browser of somebody who may everything, signed in."""
    call_command("migrate", verbosity=0)
    client = Client()
    client.force_login(User.objects.create_superuser("staff"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def seed_trail(now: dt.datetime) -> None:
    """ENTRIES entries of the audit trail, one a minute."""
    user, kind = User.objects.get(), ContentType.objects.get_for_model(Session)
    actions = list(Action)
    entries = [
        LogEntry(
            user=user,
            content_type=kind,
            object_id=f"session-{number:06}",
            object_repr=f"session-{number:06}",
            action_flag=READING,
            action_time=now - dt.timedelta(minutes=number),
            change_message=json.dumps(
                {"action": actions[number % len(actions)], "reason": "A question", "address": "192.0.2.1"}
            ),
        )
        for number in range(ENTRIES)
    ]
    LogEntry.objects.bulk_create(entries, batch_size=_BATCH)


def seed_keys() -> None:
    """KEYS API keys of half as many owners."""
    for number in range(KEYS):
        create_key(owner=f"owner-{number // 2}", name=f"Key {number}", scopes=["chat"])


def copy_closed_days() -> None:
    """As a job of every night does; then the month once more for each earlier one, whose ledger is not there."""
    call_command("close_usage_days", days=DAYS)
    lines, models = list(UsageLine.objects.all()), list(UsageDayModel.objects.all())
    dearest = list(UsageDaySession.objects.all())
    days = list(UsageDay.objects.all())
    for months in range(1, _MONTHS_COPIED):
        back = dt.timedelta(days=DAYS * months)
        UsageDay.objects.bulk_create(
            [UsageDay(day=each.day - back, copied_at=each.copied_at, left_out_nano_usd=0) for each in days]
        )
        for rows in (lines, models, dearest):
            for row in rows:
                row.pk = None
                row.day_id -= dt.timedelta(days=DAYS)
        UsageLine.objects.bulk_create(lines, batch_size=_BATCH)
        UsageDayModel.objects.bulk_create(models, batch_size=_BATCH)
        UsageDaySession.objects.bulk_create(dearest, batch_size=_BATCH)
