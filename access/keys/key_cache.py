"""API keys as this process knows them, read again after 30 s: a revoked key stops working within that.

Keys and hashes that are nobody's are kept apart, each up to a bound, so that strangers who try keys cannot push good
ones out. Threads that ask for the same key at once make one look-up and share what comes of it, an outage too.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from cachetools import LRUCache

from access.api_key import ApiKey
from access.store import api_keys
from dynamodb_client.errors import StoreUnavailable

KEEP_SECONDS = 30.0
MAX_KEYS = 10_000  # up to 2 KB each
MAX_UNKNOWN = 10_000
# Longer than any look-up takes with all its tries, so whoever waits for another's is told of its end.
_WAIT_SECONDS = 20.0

Flight = Future[ApiKey | None]


class KeyCache:
    """Keys by their hash. `read` asks the table."""

    def __init__(
        self, read: Callable[[str], ApiKey | None] = api_keys.get, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        # With the moment at which its look-up began: an answer may be as old as that.
        self._keys: LRUCache[str, tuple[float, ApiKey]] = LRUCache(MAX_KEYS)
        self._unknown: LRUCache[str, float] = LRUCache(MAX_UNKNOWN)
        self._flights: dict[str, Flight] = {}

    def find(self, key_hash: str, *, before_look_up: Callable[[], None]) -> ApiKey | None:
        """The key, or None when there is none, at most KEEP_SECONDS old.

        `before_look_up` is called where the table has to be asked, and may refuse by raising. Raises StoreUnavailable.
        """
        with self._lock:
            known = self._known(key_hash)
        if known:
            return known.result()
        before_look_up()
        flight, is_mine = self._join(key_hash)
        if is_mine:
            return self._look_up(key_hash, flight)
        try:
            return flight.result(_WAIT_SECONDS)
        except TimeoutError as error:
            raise StoreUnavailable("another request's look-up of the key takes too long") from error

    def _known(self, key_hash: str) -> Flight | None:
        """A look-up that has ended not long ago. Only for who holds the lock."""
        fresh_since = self._clock() - KEEP_SECONDS
        read_at, key = self._keys.get(key_hash, (fresh_since, None))
        if read_at > fresh_since:
            return _ended(key)
        return _ended(None) if self._unknown.get(key_hash, fresh_since) > fresh_since else None

    def _join(self, key_hash: str) -> tuple[Flight, bool]:
        """The newest look-up of this key, and whether it is the one just begun here."""
        mine: Flight = Future()
        with self._lock:
            flight = self._known(key_hash) or self._flights.setdefault(key_hash, mine)
        return flight, flight is mine

    def _look_up(self, key_hash: str, flight: Flight) -> ApiKey | None:
        begun = self._clock()
        try:
            key = self._read(key_hash)
        except BaseException as error:
            with self._lock:
                del self._flights[key_hash]
            broken_off = StoreUnavailable("another request's look-up of the key was broken off")
            flight.set_exception(error if isinstance(error, Exception) else broken_off)
            raise
        with self._lock:
            self._remember(key_hash, key, begun)
            del self._flights[key_hash]
        flight.set_result(key)
        return key

    def _remember(self, key_hash: str, key: ApiKey | None, begun: float) -> None:
        if key is None:
            self._keys.pop(key_hash, None)
            self._unknown[key_hash] = begun
        else:
            self._keys[key_hash] = (begun, key)


def _ended(key: ApiKey | None) -> Flight:
    flight: Flight = Future()
    flight.set_result(key)
    return flight
