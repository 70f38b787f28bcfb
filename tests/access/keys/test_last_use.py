"""Noting the use of a key: at most once a minute, and no harm when it fails."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from access.api_key import ApiKey
from access.keys.find_keys import find_key
from access.keys.last_use import LastUse
from access.scopes import ALL_SCOPES
from access.store import api_keys
from tests.access.clock import Clock
from tests.faulty_dynamodb import FaultyDynamoDB

from .making import NOON, issue, stored

KEY = ApiKey("id", "hash", "alice", "test", ALL_SCOPES, NOON)
SECOND = dt.timedelta(seconds=1)


class Writes:
    """Uses that were written, and work that was started."""

    def __init__(self) -> None:
        self.noted: list[dt.datetime] = []
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, _key: ApiKey, *, now: dt.datetime, every: dt.timedelta) -> None:
        assert every == dt.timedelta(minutes=1)
        self.noted.append(now)

    def at_once(self, work: Callable[[], None]) -> None:
        work()

    def later(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)


def never(work: Callable[[], None]) -> None:
    raise RuntimeError("can't start new thread")


def test_writes_once_a_minute(clock: Clock) -> None:
    writes = Writes()
    last_use = LastUse(writes, clock=clock, start=writes.at_once)
    for second in range(121):
        last_use.note(KEY, now=NOON + second * SECOND)
        clock.go(1)
    assert writes.noted == [NOON, NOON + 60 * SECOND, NOON + 120 * SECOND]


def test_does_not_write_what_another_process_noted_just_now(clock: Clock) -> None:
    writes = Writes()
    last_use = LastUse(writes, clock=clock, start=writes.at_once)
    noted = replace(KEY, last_used_at=NOON)
    last_use.note(noted, now=NOON + 59 * SECOND)
    assert writes.noted == []
    last_use.note(noted, now=NOON + 60 * SECOND)
    assert writes.noted == [NOON + 60 * SECOND]


def test_processes_together_write_once_a_minute(dynamodb: FaultyDynamoDB) -> None:
    key = issue().key
    for second in (0, 1, 59, 60, 61, 62):
        api_keys.note_use(key, now=NOON + second * SECOND, every=dt.timedelta(minutes=1))
    assert find_key(key.key_id) == replace(key, last_used_at=NOON + 61 * SECOND)


def test_the_use_of_a_key_that_is_gone_does_not_bring_it_back(tables: None) -> None:
    api_keys.note_use(KEY, now=NOON, every=dt.timedelta(minutes=1))
    assert stored() == []


def test_the_request_does_not_wait_for_the_write(clock: Clock) -> None:
    writes = Writes()
    LastUse(writes, clock=clock, start=writes.later).note(KEY, now=NOON)
    assert (writes.noted, len(writes.waiting)) == ([], 1)
    writes.waiting[0]()
    assert writes.noted == [NOON]


def test_few_writes_are_under_way_at_once_and_room_comes_back(clock: Clock) -> None:
    writes = Writes()
    last_use = LastUse(writes, clock=clock, start=writes.later)
    for number in range(20):
        last_use.note(replace(KEY, key_hash=str(number)), now=NOON)
    assert len(writes.waiting) == 8
    for work in writes.waiting:
        work()
    last_use.note(replace(KEY, key_hash="next"), now=NOON)
    assert len(writes.waiting) == 9


def test_what_goes_wrong_harms_nobody_and_is_logged_without_the_key(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(key: ApiKey, *, now: dt.datetime, every: dt.timedelta) -> None:
        raise ConnectionError("hash")

    writes = Writes()
    last_use = LastUse(fail, clock=clock, start=writes.at_once)
    for number in range(20):  # more than are under way at once: each gives its room back
        last_use.note(replace(KEY, key_hash=str(number)), now=NOON)
    LastUse(writes, clock=clock, start=never).note(KEY, now=NOON)
    assert [record.getMessage() for record in caplog.records] == [
        *["the use of key id was not noted: ConnectionError"] * 20,
        "the use of key id was not noted: no thread could be started",
    ]
