"""Telemetry of a function on Lambda, whose process is frozen between two invocations."""

from collections.abc import Iterator
from contextlib import contextmanager

from telemetry import instruments, tracing
from telemetry.trace_context import invocation_header


@contextmanager
def invocation(trace_header: str) -> Iterator[None]:
    """Around an invocation, and what it waits for: at the end everything that is kept is written and sent.

    `trace_header` is what Lambda says of its trace (_X_AMZN_TRACE_ID), empty where it says nothing.
    """
    held = invocation_header.set(trace_header)
    try:
        yield
    finally:
        invocation_header.reset(held)
        instruments.backend().flush()
        tracing.flush()
