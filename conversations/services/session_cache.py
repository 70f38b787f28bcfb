"""The newest exchanges of the sessions this process answered last, so that a turn need not read them again.

An entry is used only for the very state of the history it was made from: same incarnation (CreatedAt), same Version.
Both come with the lease, so a stale entry is never used, whatever other processes did meanwhile.
"""

import datetime as dt
import threading
from dataclasses import dataclass

from cachetools import TTLCache
from django.conf import settings

from conversations.domain import Session
from conversations.services.context import Exchange

KEEP_SECONDS = 900
# What Python spends on an exchange beside what was said, generously.
_BYTES_PER_EXCHANGE = 200


@dataclass(frozen=True, slots=True)
class _Entry:
    created_at: dt.datetime
    version: int
    exchanges: tuple[Exchange, ...]
    size: int


class SessionCache:
    """Bounded in bytes and by time, safe for threads."""

    def __init__(self, max_bytes: int) -> None:
        self._entries: TTLCache[str, _Entry] = TTLCache(max_bytes, KEEP_SECONDS, getsizeof=lambda entry: entry.size)
        self._lock = threading.Lock()

    def get(self, session: Session) -> tuple[Exchange, ...] | None:
        """The session's newest exchanges, oldest first; None when this state of it is not held."""
        with self._lock:
            entry = self._entries.get(session.session_id)
        if entry and (entry.created_at, entry.version) == (session.created_at, session.version):
            return entry.exchanges
        return None

    def put(self, session: Session, version: int, exchanges: tuple[Exchange, ...]) -> None:
        """Keeps the exchanges as those of `version`; a window larger than the whole cache is not kept."""
        said = sum([len(exchange.said) for exchange in exchanges])
        size = said + _BYTES_PER_EXCHANGE * (len(exchanges) + 1)
        with self._lock:
            self._entries.pop(session.session_id, None)
            if size <= self._entries.maxsize:
                self._entries[session.session_id] = _Entry(session.created_at, version, exchanges, size)


cache = SessionCache(settings.SESSION_CACHE_BYTES)
