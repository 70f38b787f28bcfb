"""A file on its way, and what came of it in the audit trail."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User

from access.staff.audit import message_of
from access.staff.exports import file_on_record
from dynamodb_client.errors import StoreUnavailable


class Written:
    """Pieces of a file, counted; it fails at one of them, if told to."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        self.fails_at = fails_at
        self.count = 0

    def pieces(self) -> Iterator[str]:
        for number in range(3):
            if number == self.fails_at:
                raise StoreUnavailable("reset", retry_after=1)
            self.count += 1
            yield f"piece {number} ö\n"

    def facts(self) -> dict[str, Any]:
        return {"lines": self.count}


@pytest.fixture
def entry(db: None) -> LogEntry:
    """The entry that was written before the export began."""
    user = User.objects.create_user("support")
    return LogEntry.objects.create(user=user, action_flag=CHANGE, change_message='{"action": "export"}')


def recorded() -> dict[str, Any]:
    """What the entry says now."""
    return message_of(LogEntry.objects.get())


def test_a_file_that_was_taken_to_its_end_is_complete(entry: LogEntry) -> None:
    written = Written()
    sent = file_on_record(entry, written.pieces(), facts=written.facts)
    assert recorded() == {"action": "export"}
    assert b"".join(sent).decode() == "piece 0 ö\npiece 1 ö\npiece 2 ö\n"
    assert recorded() == {"action": "export", "outcome": "complete", "lines": 3}


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_a_file_that_nobody_takes_to_its_end_broke_off(entry: LogEntry, taken: int) -> None:
    written = Written()
    sent = file_on_record(entry, written.pieces(), facts=written.facts)
    for _ in range(taken):
        next(sent)
    sent.close()
    assert recorded() == {"action": "export", "outcome": "broke off", "lines": max(taken, 1)}


def test_a_file_that_fails_on_the_way_broke_off(entry: LogEntry) -> None:
    written = Written(fails_at=2)
    sent = file_on_record(entry, written.pieces(), facts=written.facts)
    with pytest.raises(StoreUnavailable):
        list(sent)
    assert recorded() == {"action": "export", "outcome": "broke off", "lines": 2}


def test_a_file_that_cannot_be_begun_is_refused_and_says_why(entry: LogEntry) -> None:
    written = Written(fails_at=0)
    with pytest.raises(StoreUnavailable):
        file_on_record(entry, written.pieces(), facts=written.facts)
    assert recorded() == {"action": "export", "outcome": "refused", "why": "store_unavailable"}
