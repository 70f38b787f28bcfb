"""The report on commits that meet in the ledger."""

from benchmarks.scaling.asked import Asked
from benchmarks.scaling.conflicts import MOST_TURNS, simulate
from benchmarks.scaling.deployed import CHAT_SECONDS
from benchmarks.scaling.plain_table import percent, plain_table, shown

_LEDGER_SHARDS = (1, 8, 32, 128)
_SECONDS = 20.0


def conflicts(asked: Asked) -> str:
    """Commits of the largest owner, on one model, that meet in the ledger, by its shards."""
    rows = [
        [f"{rate:,}", shown(rate * asked.load.largest_owner), *_met(rate * asked.load.largest_owner, number, asked)]
        for rate in asked.rates
        for number in _LEDGER_SHARDS
    ]
    head = ["chats/s", "of one owner", "shards", "carry", "refused once", "tries", "p99 wait, ms", "gave up"]
    return (
        f"{plain_table(head, rows)}\n"
        f"{_SECONDS:.0f} s, or {MOST_TURNS:,} turns if those are fewer; a commit holds its item for "
        f"{asked.load.transaction_ms} ms."
    )


def _met(rate: float, number: int, asked: Asked) -> list[str]:
    hold = asked.load.transaction_ms / 1000
    carries = number / hold
    if rate >= carries:  # what waits would grow without end
        return [f"{number}", shown(carries), *["-"] * 4]
    found = simulate(
        rate,
        shards=number,
        hold_seconds=hold,
        deadline_seconds=CHAT_SECONDS,
        seconds=_SECONDS,
        rng=asked.rng(),
    )
    return [
        f"{number}",
        shown(carries),
        percent(found.refused_once / max(1, found.turns)),
        shown(found.tries / max(1, found.turns)),
        f"{1000 * found.wait_99:,.0f}",
        f"{found.gave_up:,}",
    ]
