"""Where windows are counted: in this process, or in Redis when REDIS_URL names one."""

import threading
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from limits.strategies import MovingWindowRateLimiter

from access.limits.memory import ProcessStorage
from access.limits.rates import parse_rate
from access.limits.windows import Window, Windows

if TYPE_CHECKING:
    from access.limits.shared import SharedStore

_making = threading.Lock()


def take(limit: str, rate: str, identity: str) -> Window | None:
    """Counts a request of `identity` under this limit (rate, failures). None: nobody can say, so it passes."""
    parsed, key = parse_rate(rate), f"{limit}/{identity}"
    if shared := shared_store():
        return shared.ask(lambda: shared.windows.take(parsed, key), limit=limit)
    return process_windows(limit).take(parsed, key)


def look(limit: str, rate: str, identity: str) -> Window | None:
    """Whether a request would pass; counts nothing. None: nobody can say, so it passes."""
    parsed, key = parse_rate(rate), f"{limit}/{identity}"
    if shared := shared_store():
        return shared.ask(lambda: shared.windows.look(parsed, key), limit=limit)
    return process_windows(limit).look(parsed, key)


def shared_store() -> "SharedStore | None":
    """The store of REDIS_URL; None where nothing is shared."""
    if not settings.REDIS_URL:
        return None
    with _making:
        return _make_shared(settings.REDIS_URL)


@cache
def _make_shared(url: str) -> "SharedStore":
    from access.limits.shared import SharedStore  # Redis's client takes long to import

    return SharedStore(url)


@cache
def _make_windows(limit: str) -> Windows:  # noqa: ARG001  # one for each, so that strangers push no caller out
    return Windows(MovingWindowRateLimiter(ProcessStorage()))


def process_windows(limit: str) -> Windows:
    """The windows of this limit in this process."""
    with _making:
        return _make_windows(limit)
