"""The audit trail: who did what to whose data, when, from where and why, in Django's own LogEntry.

Entries name sessions, owners, days of the ledger and the words that staff searched for; never what was said.
"""

import json
from enum import StrEnum
from typing import Any

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.http import HttpRequest

from access.staff.audit import add_outcome, message_of, refusal_on_record, write
from conversations.models import Owner, Session, Usage

__all__ = ["READING", "Action", "add_outcome", "beginning_of", "message_of", "record", "refusal_on_record"]

# Beside Django's additions, changes and deletions: somebody has read.
READING = 4


class Action(StrEnum):
    """What staff do that goes on record. The words stand in STAFF_REASON_REQUIRED too."""

    READ = "read"
    SEARCH = "search"
    EXPORT = "export"
    EXPORT_USAGE = "export_usage"
    CANCEL = "cancel"
    RETITLE = "retitle"
    ERASE = "erase"


_FLAGS = {Action.CANCEL: CHANGE, Action.RETITLE: CHANGE, Action.ERASE: DELETION}


def record(
    request: HttpRequest,
    action: Action,
    subject: Session | Owner | Usage,
    *,
    reason: str,
    name: str = "",
    **facts: Any,  # noqa: ANN401  # whatever JSON holds
) -> LogEntry:
    """Writes down that this member of staff is about to do this; `facts` say how, in JSON.

    The entry is called by the subject's id, or by `name` where it is of no one session.
    """
    return write(
        request,
        action,
        type(subject),
        object_id=subject.pk,
        name=name or subject.pk,
        flag=_FLAGS.get(action, READING),
        reason=reason,
        facts=facts,
    )


def beginning_of(action: str | None) -> str:
    """What the messages of this action begin with, for a look-up in SQL."""
    return json.dumps({"action": action})[:-1]
