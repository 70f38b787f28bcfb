"""Changes that DynamoDB did not answer: they may have been made, and the page and the audit trail say so."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.admin.models import LogEntry

from access.staff.audit import uncertainty_on_record
from conversations.admin.pages import WriteUnanswered
from dynamodb_client.errors import StoreUnavailable


@contextmanager
def told_if_unanswered(entry: LogEntry) -> Iterator[None]:
    """Around a change that is on record. Raises WriteUnanswered for a DynamoDB that does not answer."""
    try:
        with uncertainty_on_record(entry):
            yield
    except StoreUnavailable as error:
        raise WriteUnanswered(str(error), retry_after=error.retry_after) from error
