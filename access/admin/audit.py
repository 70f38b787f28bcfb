"""What staff do to keys, on record in Django's LogEntry: who, which key, whose, when, from where and why.

An entry is written before the deed, so that none goes unrecorded when a process dies in the middle of it; what came of
it is added afterwards. Secrets never get here.
"""

import json
from enum import StrEnum
from typing import Any, cast

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from access import models
from access.addresses import client_address
from access.api_key import ApiKey
from telemetry.request_id import request_id


class KeyAction(StrEnum):
    """What staff do to keys. The words stand in STAFF_REASON_REQUIRED too."""

    CREATE = "create_key"
    ROTATE = "rotate_key"
    REVOKE = "revoke_key"


def record(request: HttpRequest, action: KeyAction, key: ApiKey | None, *, reason: str, **facts: Any) -> LogEntry:  # noqa: ANN401  # whatever JSON holds
    """Writes down that this member of staff is about to do this; `key` is None where it is yet to be made."""
    address = client_address(request)
    owner = {"owner": key.owner} if key else {}
    message = {"action": action, "reason": reason, "address": address, "request_id": request_id(request)}
    return LogEntry.objects.create(
        user=cast("User", request.user),
        content_type=ContentType.objects.get_for_model(models.ApiKey),
        object_id=key.key_id if key else "",
        object_repr=key.key_id if key else "a key that is not made yet",
        action_flag=ADDITION if action is KeyAction.CREATE else CHANGE,
        change_message=json.dumps({**message, **owner, **facts}, ensure_ascii=False),
    )


def add_key(entry: LogEntry, key: ApiKey) -> None:
    """Names the key that was made."""
    entry.object_id = entry.object_repr = key.key_id
    entry.save(update_fields=["object_id", "object_repr"])


def add_outcome(entry: LogEntry, **facts: str) -> None:
    """Adds what came of it."""
    entry.change_message = json.dumps({**json.loads(entry.change_message), **facts}, ensure_ascii=False)
    entry.save(update_fields=["change_message"])
