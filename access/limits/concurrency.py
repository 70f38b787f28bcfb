"""How many turns one caller may have under way at once."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from access.errors import RateLimited
from access.limits.counting import shared_store
from telemetry.metrics import RATE_LIMIT_REFUSALS

if TYPE_CHECKING:
    from access.limits.shared import SharedStore

# Nobody knows which turn ends next; most last for seconds.
RETRY_SECONDS = 1

_lock = threading.Lock()
_running: Counter[str] = Counter()  # of this process; without those who have none


@contextmanager
def turn(identity: str, *, seconds: float) -> Iterator[None]:
    """Around a turn, from before it begins until it has ended, however its caller fares.

    Shared through Redis, its place is given back after `seconds` by itself: a process may die in the middle. Raises
    RateLimited when MAX_CONCURRENT_TURNS are under way.
    """
    most = settings.MAX_CONCURRENT_TURNS
    if not most:
        yield
    elif shared := shared_store():
        with _shared_turn(shared, identity, most, seconds):
            yield
    else:
        with _process_turn(identity, most):
            yield


@contextmanager
def _process_turn(identity: str, most: int) -> Iterator[None]:
    with _lock:
        if _running[identity] >= most:
            raise _refusal(most)
        _running[identity] += 1
    try:
        yield
    finally:
        with _lock:
            _running[identity] -= 1
            if not _running[identity]:
                del _running[identity]


@contextmanager
def _shared_turn(shared: "SharedStore", identity: str, most: int, seconds: float) -> Iterator[None]:
    place = uuid.uuid4().hex
    taken = shared.ask(lambda: shared.take_place(identity, place, most=most, seconds=seconds), limit="turns")
    if taken is False:
        raise _refusal(most)
    try:
        yield
    finally:
        if taken:
            shared.ask(lambda: shared.leave_place(identity, place), limit="turns")


def _refusal(most: int) -> RateLimited:
    RATE_LIMIT_REFUSALS.add("turns")
    return RateLimited(f"more than {most} turns at once", retry_after=RETRY_SECONDS)
