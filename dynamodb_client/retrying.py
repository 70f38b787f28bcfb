"""Calls that meet other writers, or a short outage, are tried again.

The SDK retries throttles and server errors itself, three tries within about a second; but neither a transaction that
met another one nor a write that met a transaction, and nothing for longer.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from core.deadline import Deadline
from dynamodb_client.errors import StoreUnavailable
from dynamodb_client.faults import RETRY_AFTER_SECONDS, SDKError, is_conflict, store_errors

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0


def through_conflicts(call: Callable[[], T], *, deadline: Deadline, outages_until: Deadline | None = None) -> T:
    """What `call` returns, tried again with full jitter while other writers are in its way and time remains.

    `outages_until` does the same while the table cannot be reached: for a call that may be repeated without harm.
    Raises StoreUnavailable when the time is over; a condition that refuses comes as the SDK has it.
    """
    longest = FIRST_PAUSE_SECONDS
    while True:
        try:
            with store_errors():
                return call()
        except StoreUnavailable:
            pause = _pause(longest, outages_until)
            if pause is None:
                raise
        except SDKError as error:
            if not is_conflict(error):
                raise
            pause = _pause(longest, deadline)
            if pause is None:
                raise StoreUnavailable("conflict", retry_after=RETRY_AFTER_SECONDS) from error
        time.sleep(pause)
        longest = min(longest * 2, LONGEST_PAUSE_SECONDS)


def _pause(longest: float, deadline: Deadline | None) -> float | None:
    """How long to wait before the next try; None when there is no time for one."""
    pause = random.uniform(0, longest)  # noqa: S311  # jitter, not a secret
    return pause if deadline is not None and deadline.remaining() > pause else None
