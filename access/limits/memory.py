"""Windows counted in this process."""

import threading
import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable

from limits.storage import MemoryStorage

# So many callers, or addresses, are told apart; whoever was seen longest ago is forgotten first.
MAX_KEYS = 20_000


class ProcessStorage(MemoryStorage):
    """The library's store in memory for moving windows, at the same small cost however many callers there are.

    The library's own starts a thread at nearly every hit, which walks through all keys: with 10,000 of them a hit costs
    milliseconds.
    """

    STORAGE_SCHEME = ["process"]  # noqa: RUF012  # the library's class variable; it registers classes by it

    def __init__(self, *, max_keys: int = MAX_KEYS, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock
        self._max_keys = max_keys
        self._lock = threading.Lock()
        self._hits: OrderedDict[str, list[float]] = OrderedDict()  # each list oldest first

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts `amount` hits if the window has room for them; False leaves it as it is."""
        now = self._clock()
        with self._lock:
            hits = self._in_window(key, now - expiry)
            if len(hits) + amount > limit:
                return False
            hits.extend([now] * amount)
            self._hits[key] = hits
            self._hits.move_to_end(key)
            if len(self._hits) > self._max_keys:
                self._hits.popitem(last=False)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002  # the library's
        """When the window's oldest hit was, and how many there are."""
        now = self._clock()
        with self._lock:
            hits = self._in_window(key, now - expiry)
            return (hits[0] if hits else now), len(hits)

    def _in_window(self, key: str, since: float) -> list[float]:
        hits = self._hits.get(key, [])
        del hits[: bisect_right(hits, since)]
        return hits
