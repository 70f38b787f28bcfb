"""Files on their way to a member of staff, and what came of them in the audit trail."""

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from django.contrib.admin.models import LogEntry

from access.staff.audit import Outcome, add_outcome, refusal_on_record


def file_on_record(
    entry: LogEntry, pieces: Iterator[str], *, facts: Callable[[], Mapping[str, Any]]
) -> Generator[bytes, None, None]:
    """The file's pieces; when they end or break off, the entry says so, and with `facts` how far they came.

    The first piece is read at once, so that trouble is a page and no broken file: raises what it raises, which is on
    record as refused then. Close it, as Django's responses do: a file that nobody took to its end is on record too.
    """
    with refusal_on_record(entry):
        first = next(pieces)
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
