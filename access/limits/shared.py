"""Redis, or Valkey, as the place where all processes count together: asked briefly, and left alone while it is away."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import BlockingConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from access.limits.windows import Windows
from telemetry.metrics import LIMITS_UNCHECKED

logger = logging.getLogger("access")
T = TypeVar("T")

# Longer than a healthy Redis ever takes, shorter than a caller notices. REDIS_URL may say otherwise, in its query
# (?socket_timeout=): https://redis.readthedocs.io/en/stable/connections.html
TIMEOUT_SECONDS = 0.2
# Each is held for a fraction of a millisecond.
MAX_CONNECTIONS = 50
PAUSE_SECONDS = 3.0
LOG_SECONDS = 60.0
KEY_PREFIX = "chatbot"
# Places by the time at which they are given back, on Redis's own clock. KEYS: a caller's places; ARGV: most, seconds,
# the new place. The key goes with its last place.
_TAKE_PLACE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), math.ceil(ARGV[2] * 1000)))
return 1
"""


class SharedStore:
    """Answers questions as long as Redis does.

    After a failure nobody asks for PAUSE_SECONDS; then one caller tries, and the others follow when it was answered.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        pool = _pool(url)
        self._redis = Redis(connection_pool=pool)
        self._take_place = self._redis.register_script(_TAKE_PLACE)
        storage = RedisStorage("redis://", connection_pool=pool, key_prefix=KEY_PREFIX)
        self.windows = Windows(MovingWindowRateLimiter(storage))
        self._clock = clock
        self._lock = threading.Lock()
        self._away = False
        self._ask_at = 0.0
        self._log_at = 0.0

    def ask(self, question: Callable[[], T], *, limit: str) -> T | None:
        """The answer; None while Redis is away, which a metric counts under the name of this limit."""
        if self._may_ask():
            try:
                answer = question()
            except RedisError as error:
                self._rest(error)
            else:
                self._away = False
                return answer
        LIMITS_UNCHECKED.add(limit)
        return None

    def take_place(self, identity: str, place: str, *, most: int, seconds: float) -> bool:
        """Whether this turn is one of `most` at once; its place is given back after `seconds`. Raises RedisError."""
        return bool(self._take_place(keys=[_places(identity)], args=[most, seconds, place]))

    def leave_place(self, identity: str, place: str) -> None:
        """Gives a place back. Raises RedisError."""
        self._redis.zrem(_places(identity), place)

    def _may_ask(self) -> bool:
        with self._lock:
            now = self._clock()
            if self._away and now < self._ask_at:
                return False
            self._ask_at = now + PAUSE_SECONDS  # while this caller tries, others need not wait for the same timeout
            return True

    def _rest(self, error: RedisError) -> None:
        with self._lock:
            now = self._clock()
            self._away, self._ask_at = True, now + PAUSE_SECONDS
            logs = now >= self._log_at
            if logs:
                self._log_at = now + LOG_SECONDS
        if logs:
            logger.warning("Redis is away (%s): limits are not checked.", type(error).__name__)


def _places(identity: str) -> str:
    return f"{KEY_PREFIX}:turns/{identity}"


def _pool(url: str) -> BlockingConnectionPool:
    try:
        return BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_CONNECTIONS,
            timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),  # the pool itself replaces connections that Redis has closed meanwhile
        )
    except ValueError:
        raise ImproperlyConfigured("REDIS_URL must be a URL that begins with redis:// or rediss://.") from None
