"""How long a table takes to grow: on-demand throughput may double over half an hour, again and again."""

from math import ceil, log2


def ramp_minutes(units: float, *, warm: float, doubling_minutes: int) -> int:
    """Minutes over which traffic has to be spread to reach `units` a second from a table that is warm for `warm`."""
    return doubling_minutes * max(0, ceil(log2(units / warm))) if units > 0 else 0
