"""The audit trail: who did what to whose data, when, from where and why, in Django's own LogEntry.

An entry is written before the deed, so that none goes unrecorded when a process dies in the middle of it; where the
outcome matters it is added afterwards. Entries name sessions and owners, and never what was said.
"""

import json
from enum import StrEnum
from typing import Any, cast

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from access.addresses import client_address
from conversations.models import Owner, Session
from telemetry.request_id import request_id

# Beside Django's additions, changes and deletions: somebody has read.
READING = 4


class Action(StrEnum):
    """What staff do that goes on record. The words stand in STAFF_REASON_REQUIRED too."""

    READ = "read"
    SEARCH = "search"
    EXPORT = "export"
    CANCEL = "cancel"
    RETITLE = "retitle"
    ERASE = "erase"


_FLAGS = {Action.CANCEL: CHANGE, Action.RETITLE: CHANGE, Action.ERASE: DELETION}


def record(request: HttpRequest, action: Action, subject: Session | Owner, *, reason: str, **facts: Any) -> LogEntry:  # noqa: ANN401  # whatever JSON holds
    """Writes down that this member of staff is about to do this; `facts` say how, in JSON."""
    address = client_address(request)
    message = {"action": action, "reason": reason, "address": address, "request_id": request_id(request), **facts}
    return LogEntry.objects.create(
        user=cast("User", request.user),
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
        object_repr=subject.pk[:200],
        action_flag=_FLAGS.get(action, READING),
        change_message=json.dumps(message, ensure_ascii=False),
    )


def add_outcome(entry: LogEntry, **facts: Any) -> None:  # noqa: ANN401  # whatever JSON holds
    """Adds what came of it."""
    entry.change_message = json.dumps({**message_of(entry), **facts}, ensure_ascii=False)
    entry.save(update_fields=["change_message"])


def beginning_of(action: str | None) -> str:
    """What the messages of this action begin with, for a look-up in SQL."""
    return json.dumps({"action": action})[:-1]


def message_of(entry: LogEntry) -> dict[str, Any]:
    """What `record` wrote; empty for an entry of Django's own, of a user or a group."""
    if not entry.change_message.startswith("{"):
        return {}
    message: dict[str, Any] = json.loads(entry.change_message)
    return message
