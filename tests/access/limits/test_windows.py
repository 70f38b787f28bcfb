"""Windows in this process, and the arithmetic of what is left of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from limits.strategies import MovingWindowRateLimiter

from access.limits.memory import ProcessStorage
from access.limits.rates import parse_rate
from access.limits.windows import Window, Windows
from tests.access.clock import Clock

RATE = parse_rate("3/minute")


@pytest.fixture
def windows(clock: Clock) -> Windows:
    return Windows(MovingWindowRateLimiter(ProcessStorage(max_keys=2, clock=clock)), clock=clock)


def test_counts_down_and_says_when_there_is_one_more(windows: Windows, clock: Clock) -> None:
    assert windows.take(RATE, "alice") == Window(allowed=True, limit=3, remaining=2, reset_seconds=60)
    clock.go(10)
    assert windows.take(RATE, "alice") == Window(allowed=True, limit=3, remaining=1, reset_seconds=50)
    clock.go(9.5)
    assert windows.take(RATE, "alice") == Window(allowed=True, limit=3, remaining=0, reset_seconds=41)
    clock.go(40)
    assert windows.take(RATE, "alice") == Window(allowed=False, limit=3, remaining=0, reset_seconds=1)


def test_lets_one_more_through_for_each_that_leaves_the_window(windows: Windows, clock: Clock) -> None:
    for seconds in (0, 10, 10):
        clock.go(seconds)
        assert windows.take(RATE, "alice").allowed
    clock.go(39)
    assert not windows.take(RATE, "alice").allowed
    clock.go(1.001)
    assert windows.take(RATE, "alice") == Window(allowed=True, limit=3, remaining=0, reset_seconds=10)
    assert not windows.take(RATE, "alice").allowed


def test_what_is_refused_does_not_make_the_wait_longer(windows: Windows, clock: Clock) -> None:
    for _ in range(10):
        windows.take(RATE, "alice")
    clock.go(60.001)
    assert windows.take(RATE, "alice") == Window(allowed=True, limit=3, remaining=2, reset_seconds=60)


def test_a_look_counts_nothing(windows: Windows) -> None:
    for _ in range(5):
        assert windows.look(RATE, "alice") == Window(allowed=True, limit=3, remaining=3, reset_seconds=60)
    for _ in range(3):
        windows.take(RATE, "alice")
    assert windows.look(RATE, "alice") == Window(allowed=False, limit=3, remaining=0, reset_seconds=60)


def test_callers_do_not_count_for_each_other(windows: Windows) -> None:
    for _ in range(4):
        windows.take(RATE, "alice")
    assert windows.take(RATE, "bob") == Window(allowed=True, limit=3, remaining=2, reset_seconds=60)


def test_forgets_whoever_was_seen_longest_ago_when_there_are_too_many(windows: Windows) -> None:
    for caller in ("alice", "bob", "alice", "charlie"):
        windows.take(RATE, caller)
    assert [windows.look(RATE, caller).remaining for caller in ("alice", "bob", "charlie")] == [1, 3, 2]


def test_a_thousand_at_once_let_exactly_the_rate_through() -> None:
    windows, rate = Windows(MovingWindowRateLimiter(ProcessStorage())), parse_rate("137/hour")
    with ThreadPoolExecutor(32) as pool:
        taken = list(pool.map(lambda _: windows.take(rate, "alice").allowed, range(1_000)))
    assert sum(taken) == 137
