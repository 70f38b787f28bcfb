"""Entries of the audit trail, in Django's own LogEntry: who, to what, when, from where and why.

An entry is written before the deed, so that none goes unrecorded when a process dies in the middle of it; what came of
it is added afterwards.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from typing import Any, cast

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest

from access.addresses import client_address
from core.errors import ServiceError
from dynamodb_client.errors import StoreUnavailable
from telemetry.request_id import request_id

MAX_NAME_CHARS = 200  # of LogEntry.object_repr


class Outcome(StrEnum):
    """What came of it. An export's entry without one is of a file that is under way, or whose process died.

    `UNCERTAIN` is a change that DynamoDB did not answer: it may have been made.
    """

    COMPLETE = "complete"
    BROKE_OFF = "broke off"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


def write(
    request: HttpRequest,
    action: str,
    model: type[Model],
    *,
    object_id: str,
    name: str,
    flag: int,
    reason: str,
    facts: Mapping[str, Any],
) -> LogEntry:
    """Writes down that this member of staff is about to do this; `facts` say how, in JSON."""
    address = client_address(request)
    message = {"action": action, "reason": reason, "address": address, "request_id": request_id(request), **facts}
    return LogEntry.objects.create(
        user=cast("User", request.user),
        content_type=ContentType.objects.get_for_model(model),
        object_id=object_id,
        object_repr=name[:MAX_NAME_CHARS],
        action_flag=flag,
        change_message=json.dumps(message, ensure_ascii=False),
    )


def add_outcome(entry: LogEntry, **facts: Any) -> None:  # noqa: ANN401  # whatever JSON holds
    """Adds what came of it."""
    entry.change_message = json.dumps({**message_of(entry), **facts}, ensure_ascii=False)
    entry.save(update_fields=["change_message"])


def refusal_on_record(entry: LogEntry) -> AbstractContextManager[None]:
    """Around what is on record already: where it raises ServiceError, the entry says that it was refused, and why."""
    return _error_on_record(entry, ServiceError, Outcome.REFUSED)


def uncertainty_on_record(entry: LogEntry) -> AbstractContextManager[None]:
    """The same around a change: where it raises StoreUnavailable, the entry says that it may have been made."""
    return _error_on_record(entry, StoreUnavailable, Outcome.UNCERTAIN)


@contextmanager
def _error_on_record(entry: LogEntry, kind: type[ServiceError], outcome: Outcome) -> Iterator[None]:
    try:
        yield
    except kind as error:
        add_outcome(entry, outcome=outcome, why=error.code)
        raise


def message_of(entry: LogEntry) -> dict[str, Any]:
    """What `write` wrote; empty for an entry of Django's own, of a user or a group."""
    if not entry.change_message.startswith("{"):
        return {}
    message: dict[str, Any] = json.loads(entry.change_message)
    return message
