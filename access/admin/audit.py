"""What staff do to keys, on record in Django's LogEntry: who, which key, whose, when, from where and why.

Secrets never get here.
"""

from enum import StrEnum
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.http import HttpRequest

from access import models
from access.api_key import ApiKey
from access.staff.audit import add_outcome, uncertainty_on_record, write

__all__ = ["KeyAction", "add_key", "add_outcome", "record", "uncertainty_on_record"]


class KeyAction(StrEnum):
    """What staff do to keys. The words stand in STAFF_REASON_REQUIRED too."""

    CREATE = "create_key"
    ROTATE = "rotate_key"
    REVOKE = "revoke_key"


def record(request: HttpRequest, action: KeyAction, key: ApiKey | None, *, reason: str, **facts: Any) -> LogEntry:  # noqa: ANN401  # whatever JSON holds
    """Writes down that this member of staff is about to do this; `key` is None where it is yet to be made."""
    owner = {"owner": key.owner} if key else {}
    return write(
        request,
        action,
        models.ApiKey,
        object_id=key.key_id if key else "",
        name=key.key_id if key else "a key that is not made yet",
        flag=ADDITION if action is KeyAction.CREATE else CHANGE,
        reason=reason,
        facts={**owner, **facts},
    )


def add_key(entry: LogEntry, key: ApiKey) -> None:
    """Names the key that was made."""
    entry.object_id = entry.object_repr = key.key_id
    entry.save(update_fields=["object_id", "object_repr"])
