"""The report on what to raise first."""

from benchmarks.scaling.asked import Asked
from benchmarks.scaling.limits import limits
from benchmarks.scaling.plain_table import plain_table, shown
from benchmarks.scaling.raise_first import bounds


def first(asked: Asked) -> str:
    """Bounds of the defaults, the lowest first, each with what of it a rate takes: above 1 it has to be raised."""
    rows = [
        [bound.what, shown(bound.carries), *(shown(rate / bound.carries) for rate in asked.rates), bound.raised_by]
        for bound in bounds(asked.load)
    ]
    unconfirmed = [limit.name for limit in limits().limits.values() if not limit.confirmed]
    return (
        f"{plain_table(['bound', 'chats/s', *(f'at {rate:,}' for rate in asked.rates), 'raised by'], rows)}\n"
        f"Limits of {limits().region} read on {limits().read}. "
        f"Not confirmed: {', '.join(unconfirmed)} (benchmarks/scaling/limits.toml)."
    )
