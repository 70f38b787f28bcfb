"""Changes that DynamoDB did not answer: they may have been made, and the page and the audit trail say so."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.admin.models import LogEntry

from access.staff.exports import Outcome
from conversations.admin import audit
from conversations.admin.pages import WriteUnanswered
from dynamodb_client.errors import StoreUnavailable


@contextmanager
def told_if_unanswered(entry: LogEntry) -> Iterator[None]:
    """Around a change that is on record. Raises WriteUnanswered for a DynamoDB that does not answer."""
    try:
        yield
    except StoreUnavailable as error:
        audit.add_outcome(entry, outcome=Outcome.UNCERTAIN, why=error.code)
        raise WriteUnanswered(str(error), retry_after=error.retry_after) from error
