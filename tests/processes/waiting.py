"""Waiting for what another process does."""

import time
from collections.abc import Callable

import pytest

SECONDS = 30
STEP_SECONDS = 0.02


def until(is_so: Callable[[], bool], *, seconds: float = SECONDS, step: float = STEP_SECONDS) -> None:
    """Return as soon as it is so; the test fails when it never is."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            pytest.fail("what the test waits for has not happened")
        time.sleep(step)
