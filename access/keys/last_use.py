"""When a key was used last, written at most once a minute whatever the number of requests and processes.

It is written beside the request, which does not wait for it, and a use that cannot be noted is no harm to anyone.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from cachetools import LRUCache

from access.api_key import ApiKey
from access.store import api_keys

logger = logging.getLogger("access")

EVERY = dt.timedelta(minutes=1)
_MAX_REMEMBERED = 10_000
# Writes under way at once. When there is no room, DynamoDB is slow, and the next minute's use will do.
_MAX_WRITES = 8


class Write(Protocol):
    """Stores the use of a key, unless another process did so within `every`."""

    def __call__(self, key: ApiKey, /, *, now: dt.datetime, every: dt.timedelta) -> None: ...


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="key-last-use", daemon=True).start()


class LastUse:
    """Notes uses through `write`; `start` runs work beside the request."""

    def __init__(
        self,
        write: Write = api_keys.note_use,
        *,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        self._write = write
        self._clock = clock
        self._start = start
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_MAX_WRITES)
        self._noted: LRUCache[str, float] = LRUCache(_MAX_REMEMBERED)

    def note(self, key: ApiKey, *, now: dt.datetime) -> None:
        """The key is used at this moment."""
        if not self._is_due(key, now) or not self._room.acquire(blocking=False):
            return
        try:
            self._start(lambda: self._store(key, now))
        except RuntimeError:  # no thread to be had
            self._room.release()
            logger.warning("the use of key %s was not noted: no thread could be started", key.key_id)

    def _is_due(self, key: ApiKey, now: dt.datetime) -> bool:
        if key.last_used_at is not None and now - key.last_used_at < EVERY:
            return False
        with self._lock:
            at = self._clock()
            if at - self._noted.get(key.key_hash, float("-inf")) < EVERY.total_seconds():
                return False
            self._noted[key.key_hash] = at
            return True

    def _store(self, key: ApiKey, now: dt.datetime) -> None:
        try:
            self._write(key, now=now, every=EVERY)
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody waits for it and nobody is harmed
            logger.warning("the use of key %s was not noted: %s", key.key_id, type(error).__name__)
        finally:
            self._room.release()
