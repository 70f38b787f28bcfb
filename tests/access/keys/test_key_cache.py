"""Keys as a process knows them: how old they may be, how many there may be, and who asks for them."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.api_key import ApiKey
from access.errors import RateLimited
from access.keys.key_cache import MAX_KEYS, MAX_UNKNOWN, KeyCache
from access.scopes import ALL_SCOPES
from dynamodb_client.errors import StoreUnavailable
from tests.access.clock import Clock

from .making import NOON


def nothing() -> None:
    """Nobody is refused."""


def key_of(key_hash: str, revoked_at: dt.datetime | None = None) -> ApiKey:
    return ApiKey("id", key_hash, "alice", "test", ALL_SCOPES, NOON, revoked_at=revoked_at)


class Table:
    """Keys by hash, and the hashes asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, ApiKey] = {}
        self.asked: list[str] = []
        self.before_answer: Callable[[], None] = nothing

    def read(self, key_hash: str) -> ApiKey | None:
        self.asked.append(key_hash)
        key = self.keys.get(key_hash)
        self.before_answer()
        return key


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def cache(table: Table, clock: Clock) -> KeyCache:
    return KeyCache(table.read, clock=clock)


def test_asks_again_after_thirty_seconds_and_not_before(cache: KeyCache, table: Table, clock: Clock) -> None:
    known = table.keys["a"] = key_of("a")
    assert (cache.find("a", before_look_up=nothing), cache.find("b", before_look_up=nothing)) == (known, None)
    clock.go(29.9)
    revoked = table.keys["a"] = key_of("a", revoked_at=NOON)
    table.keys["b"] = key_of("b")
    assert (cache.find("a", before_look_up=nothing), cache.find("b", before_look_up=nothing)) == (known, None)
    assert table.asked == ["a", "b"]
    clock.go(0.2)
    assert cache.find("a", before_look_up=nothing) == revoked
    assert cache.find("b", before_look_up=nothing) == table.keys["b"]
    assert table.asked == ["a", "b", "a", "b"]


def test_an_answer_is_as_old_as_its_question(cache: KeyCache, table: Table, clock: Clock) -> None:
    table.keys["a"] = key_of("a")
    table.before_answer = lambda: clock.go(10)
    cache.find("a", before_look_up=nothing)
    clock.go(20.1)
    cache.find("a", before_look_up=nothing)
    assert table.asked == ["a", "a"]


def test_a_key_that_is_gone_is_forgotten(cache: KeyCache, table: Table, clock: Clock) -> None:
    table.keys["a"] = key_of("a")
    cache.find("a", before_look_up=nothing)
    del table.keys["a"]
    clock.go(31)
    assert cache.find("a", before_look_up=nothing) is None
    assert cache.find("a", before_look_up=nothing) is None


def test_strangers_cannot_push_a_good_key_out(cache: KeyCache, table: Table) -> None:
    table.keys["good"] = key_of("good")
    cache.find("good", before_look_up=nothing)
    for number in range(MAX_KEYS + MAX_UNKNOWN + 1):
        cache.find(f"guess {number}", before_look_up=nothing)
    asked = len(table.asked)
    cache.find("good", before_look_up=nothing)
    assert len(table.asked) == asked
    cache.find("guess 0", before_look_up=nothing)  # the memory of strangers is bounded
    assert len(table.asked) == asked + 1


def test_threads_that_ask_for_one_key_make_one_look_up(cache: KeyCache, table: Table) -> None:
    known = table.keys["a"] = key_of("a")
    released = threading.Event()
    table.before_answer = lambda: (released.wait(10), None)[1]
    arrived = threading.Barrier(9)

    def ask(_: int) -> ApiKey | None:
        return cache.find("a", before_look_up=lambda: (arrived.wait(10), None)[1])

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, number) for number in range(8)]
        arrived.wait(10)
        released.set()
        assert [answer.result() for answer in answers] == [known] * 8
    assert table.asked == ["a"]


def test_an_outage_is_everybodys_and_not_remembered(cache: KeyCache, table: Table) -> None:
    known = table.keys["a"] = key_of("a")
    arrived = threading.Barrier(5)
    released = threading.Event()

    def fail() -> None:
        released.wait(10)
        raise StoreUnavailable("away")

    table.before_answer = fail
    with ThreadPoolExecutor(4) as pool:
        ask = lambda: cache.find("a", before_look_up=lambda: (arrived.wait(10), None)[1])  # noqa: E731
        answers = [pool.submit(ask) for _ in range(4)]
        arrived.wait(10)
        released.set()
        assert {type(answer.exception()) for answer in answers} == {StoreUnavailable}

    table.before_answer = nothing
    assert cache.find("a", before_look_up=nothing) == known


def test_one_whose_look_up_is_killed_does_not_keep_others_waiting(cache: KeyCache, table: Table) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    table.before_answer = killed
    with pytest.raises(KeyboardInterrupt):
        cache.find("a", before_look_up=nothing)
    table.before_answer = nothing
    assert cache.find("a", before_look_up=nothing) is None


def test_only_a_key_that_is_not_known_can_be_refused_a_look_up(cache: KeyCache, table: Table) -> None:
    def refuse() -> None:
        raise RateLimited

    known = table.keys["a"] = key_of("a")
    cache.find("a", before_look_up=nothing)
    assert cache.find("a", before_look_up=refuse) == known
    with pytest.raises(RateLimited):
        cache.find("b", before_look_up=refuse)
    assert table.asked == ["a"]
