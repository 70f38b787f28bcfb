"""One look at a caller's window, in the words of the RateLimit headers."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem
from limits.strategies import MovingWindowRateLimiter


@dataclass(frozen=True, slots=True)
class Window:
    """What is left of a rate: `remaining` requests of `limit`, and one more again in `reset_seconds`.

    `allowed` says whether the request that was asked for has its place in it.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int


class Windows:
    """Moving windows: never more than the rate in any period, wherever it begins, exactly and under concurrency too.

    A fixed window would let twice as many through around its end; the library's sliding one estimates, and counts fewer
    than there are when many come at once.
    """

    def __init__(self, limiter: MovingWindowRateLimiter, *, clock: Callable[[], float] = time.time) -> None:
        self._limiter = limiter
        self._clock = clock

    def take(self, rate: RateLimitItem, identity: str) -> Window:
        """Counts a request, unless the window is full."""
        return self._window(rate, identity, allowed=self._limiter.hit(rate, identity))

    def look(self, rate: RateLimitItem, identity: str) -> Window:
        """Whether a request would have its place; counts nothing."""
        return self._window(rate, identity, allowed=self._limiter.test(rate, identity))

    def _window(self, rate: RateLimitItem, identity: str, *, allowed: bool) -> Window:
        reset, remaining = self._limiter.get_window_stats(rate, identity)
        seconds = math.ceil(reset - self._clock())
        return Window(
            allowed=allowed,
            limit=rate.amount,
            remaining=max(0, remaining) if allowed else 0,
            reset_seconds=min(max(1, seconds), rate.get_expiry()),
        )
