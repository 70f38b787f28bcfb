"""Files on their way to a member of staff, and what came of them in the audit trail."""

from collections.abc import Callable, Generator, Iterator, Mapping
from enum import StrEnum
from typing import Any

from django.contrib.admin.models import LogEntry

from access.staff.audit import add_outcome
from core.errors import ServiceError


class Outcome(StrEnum):
    """What came of it. An export's entry without one is of a file that is under way, or whose process died.

    `UNCERTAIN` is a change that DynamoDB did not answer: it may have been made.
    """

    COMPLETE = "complete"
    BROKE_OFF = "broke off"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


def file_on_record(
    entry: LogEntry, pieces: Iterator[str], *, facts: Callable[[], Mapping[str, Any]]
) -> Generator[bytes, None, None]:
    """The file's pieces; when they end or break off, the entry says so, and with `facts` how far they came.

    The first piece is read at once, so that trouble is a page and no broken file: raises what it raises, which is on
    record as refused then. Close it, as Django's responses do: a file that nobody took to its end is on record too.
    """
    try:
        first = next(pieces)
    except ServiceError as error:
        add_outcome(entry, outcome=Outcome.REFUSED, why=error.code)
        raise
    sent = _sent(entry, first, pieces, facts)
    next(sent)  # begun, so that closing it ends it
    return sent


def _sent(
    entry: LogEntry, first: str, others: Iterator[str], facts: Callable[[], Mapping[str, Any]]
) -> Generator[bytes, None, None]:
    outcome = Outcome.BROKE_OFF
    try:
        yield b""
        yield first.encode()
        for piece in others:
            yield piece.encode()
        outcome = Outcome.COMPLETE
    finally:
        add_outcome(entry, outcome=outcome, **facts())
