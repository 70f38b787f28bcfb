"""Writes that meet other writers are tried again.

The SDK retries throttles and server errors itself, but neither a transaction that met another one nor a write that met
a transaction.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from bedrock_client import Deadline
from conversations.errors import StoreUnavailable
from conversations.store.faults import RETRY_AFTER_SECONDS, SDKError, is_conflict, store_errors

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0


def through_conflicts(write: Callable[[], T], *, deadline: Deadline, through_outages: bool = False) -> T:
    """What `write` returns, tried again with full jitter while other writers are in its way and time remains.

    `through_outages` does the same while the table cannot be reached: for a write that may be sent twice without harm
    and has no second chance. Raises StoreUnavailable when the time is over; a condition that refuses comes as the SDK
    has it.
    """
    longest = FIRST_PAUSE_SECONDS
    while True:
        pause = random.uniform(0, longest)  # noqa: S311  # jitter, not a secret
        in_time = deadline.remaining() > pause
        try:
            with store_errors():
                return write()
        except StoreUnavailable:
            if not (through_outages and in_time):
                raise
        except SDKError as error:
            if not is_conflict(error):
                raise
            if not in_time:
                raise StoreUnavailable("conflict", retry_after=RETRY_AFTER_SECONDS) from error
        time.sleep(pause)
        longest = min(longest * 2, LONGEST_PAUSE_SECONDS)
