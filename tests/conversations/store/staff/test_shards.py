"""Reading all shards: what fails is raised after one wait, and not after one for each handful of them."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event, Lock
from typing import Any

import pytest

from conversations.store.staff import shards
from conversations.store.staff.shards import AT_ONCE, every_shard
from dynamodb_client.errors import StoreUnavailable


def test_returns_what_was_read_in_the_order_of_the_shards() -> None:
    assert every_shard(lambda number: number * 2, shards=20) == list(range(0, 40, 2))


def test_when_dynamodb_is_silent_no_other_shard_is_begun() -> None:
    begun: list[int] = []
    waiting, lock = Barrier(AT_ONCE), Lock()

    def silent(number: int) -> int:
        with lock:
            begun.append(number)
        if number < AT_ONCE:
            waiting.wait(timeout=30)  # all of them time out at the same moment
        raise StoreUnavailable("no answer")

    with pytest.raises(StoreUnavailable):
        every_shard(silent, shards=4 * AT_ONCE)
    assert sorted(begun) == list(range(AT_ONCE))


def test_the_failure_itself_is_raised_whichever_shard_it_is_of() -> None:
    def read(number: int) -> int:
        if number == 11:
            raise StoreUnavailable("shard 11")
        return number

    with pytest.raises(StoreUnavailable, match="shard 11"):
        every_shard(read, shards=40)


class PausedAtFirst(ThreadPoolExecutor):
    """The worker that takes shard 0 gets no time until another shard is through."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # the base class's
        super().__init__(*args, **kwargs)
        self._is_through = Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401  # as above
        if args == (0,):
            return super().submit(self._paused, fn, *args, **kwargs)
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(lambda _: self._is_through.set())
        return future

    def _paused(self, fn: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401  # as above
        assert self._is_through.wait(30)
        return fn(*args)


def test_the_failure_is_raised_of_a_shard_that_was_begun_after_one_that_was_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(number: int) -> int:
        raise StoreUnavailable(f"shard {number}")

    monkeypatch.setattr(shards, "ThreadPoolExecutor", PausedAtFirst)
    with pytest.raises(StoreUnavailable, match="shard 1"):
        every_shard(silent, shards=2)
