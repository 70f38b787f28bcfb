"""The newest exchanges of the sessions this process answered last, so that a turn need not read them again.

What is held is that of one state of the history: its incarnation (CreatedAt) and Version. A turn's lease tells which
state is the present one, so nobody is misled by what other processes did meanwhile: history only grows, and what was
said since is read (docs/decisions/0024-exchanges-are-held-as-they-are-sent.md).
"""

import contextlib
import datetime as dt
import threading
from dataclasses import dataclass

from cachetools import TTLCache
from django.conf import settings

from conversations.domain import Session
from conversations.services.context import Exchange

KEEP_SECONDS = 900
# What Python spends on a session and on an exchange beside what was said, by tracemalloc, rounded up.
_BYTES_PER_SESSION = 700
_BYTES_PER_EXCHANGE = 170


@dataclass(frozen=True, slots=True)
class Held:
    """A session's newest exchanges, oldest first, as they were at `version`; its newest message then had this time."""

    created_at: dt.datetime
    version: int
    last_timestamp: dt.datetime
    exchanges: tuple[Exchange, ...]

    @property
    def size(self) -> int:
        """Bytes of memory."""
        said = sum([len(exchange.said) for exchange in self.exchanges])
        return said + _BYTES_PER_EXCHANGE * len(self.exchanges) + _BYTES_PER_SESSION


class SessionCache:
    """Bounded in bytes and by time, safe for threads."""

    def __init__(self, max_bytes: int) -> None:
        self._entries: TTLCache[str, Held] = TTLCache(max_bytes, KEEP_SECONDS, getsizeof=lambda held: held.size)
        self._lock = threading.Lock()

    def get(self, session: Session) -> Held | None:
        """What is held of this incarnation of the session: of its present version, or of an earlier one."""
        with self._lock:
            held = self._entries.get(session.session_id)
        if held and held.created_at == session.created_at and held.version <= session.version:
            return held
        return None

    def put(self, session_id: str, held: Held) -> None:
        """In the place of what was held of the session; more than the whole cache takes is not kept."""
        with self._lock:
            self._entries.pop(session_id, None)
            with contextlib.suppress(ValueError):  # it is too large
                self._entries[session_id] = held


cache = SessionCache(settings.SESSION_CACHE_BYTES)
