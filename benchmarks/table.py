"""Rounds become medians, medians a table."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.cases import Case
from benchmarks.measurement import Measurement, Quantiles

# From here on two runs may not be compared.
NOISY = 0.15
# Of fewer rounds than this, quartiles say nothing: the spread is that of all rounds.
_ROUNDS_FOR_QUARTILES = 4

_COLUMNS = (
    ("case", 27),
    ("callers", 8),
    ("who", 8),
    ("chats/s", 9),
    ("of ideal", 9),
    ("CPU ms", 8),
    ("spread", 8),
    ("÷ floor", 8),
    ("p50", 8),
    ("p95", 8),
    ("p99", 8),
    ("first 50", 9),
    ("99", 8),
    ("piece 99", 9),
)


@dataclass
class Row:
    """The rounds of one case: of the server, and of the floor it is compared with (of the same rounds)."""

    case: Case
    server: list[Measurement]
    floor: list[Measurement]

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' CPU a chat ÷ floor: what slowed a whole round down is not in it."""
        if not self.floor:
            return None
        pairs = zip(self.server, self.floor, strict=True)
        return statistics.median(ours.cpu_ms("server") / theirs.cpu_ms("floor") for ours, theirs in pairs)

    @property
    def spread(self) -> float:
        """Of the server's CPU a chat."""
        return spread([round_.cpu_ms("server") for round_ in self.server])


def spread(values: Sequence[float]) -> float:
    """How far rounds lie apart, as a share of their median: the middle half of them, or all where they are few."""
    if len(values) < _ROUNDS_FOR_QUARTILES:
        return (max(values) - min(values)) / statistics.median(values)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / statistics.median(values)


def table(rows: Iterable[Row]) -> str:
    """All rows, the floor's below the server's where it was measured for this case."""
    lines = ["".join(_cell(name, width) for name, width in _COLUMNS)]
    for row in rows:
        lines.append(_line(row.case, "server", row.server, row.ratio))
        if row.floor and row.case.history != "warm":
            lines.append(_line(row.case, "floor", row.floor, None))
    return "\n".join(line.rstrip() for line in lines)


def noise(rows: Sequence[Row]) -> list[str]:
    """How noisy the run was, and a warning where it was too noisy."""
    others = statistics.median(round_.others for row in rows for round_ in (*row.server, *row.floor))
    lines = [f"Noise: other programs used {others:.0%} of the processors (median)."]
    repeated = [row for row in rows if len(row.server) > 1]
    if not repeated:
        return lines
    worst = max(repeated, key=lambda row: row.spread)
    middle = statistics.median(row.spread for row in repeated)
    lines.append(
        f"Between rounds, the server's CPU a chat differed by {middle:.0%} (median of the rows), by {worst.spread:.0%} "
        f"at most ({worst.case.title}, {worst.case.callers})."
    )
    if worst.spread > NOISY:
        lines.append(f"WARNING: a spread over {NOISY:.0%}: do not compare such rows with those of other runs.")
    return lines


def _line(case: Case, who: str, rounds: list[Measurement], ratio: float | None) -> str:
    rate = statistics.median(round_.rate for round_ in rounds)
    cpu = [round_.cpu_ms(who) for round_ in rounds]
    cells = (
        case.title,
        str(case.callers),
        who,
        f"{rate:.1f}",
        f"{rate / case.ideal_rate:.0%}" if case.ideal_rate else "",
        f"{statistics.median(cpu):.2f}",
        f"{spread(cpu):.0%}" if len(cpu) > 1 else "",
        f"{ratio:.2f}" if ratio is not None else "",
        _median(rounds, lambda seen: seen.total, "p50"),
        _median(rounds, lambda seen: seen.total, "p95"),
        _median(rounds, lambda seen: seen.total, "p99"),
        _median(rounds, lambda seen: seen.first, "p50"),
        _median(rounds, lambda seen: seen.first, "p99"),
        # Without a pause between them, pieces wait for each other.
        _median(rounds, lambda seen: seen.lag, "p99") if case.gap else "",
    )
    return "".join(_cell(cell, width) for cell, (_, width) in zip(cells, _COLUMNS, strict=True))


def _median(rounds: list[Measurement], part: Callable[[Measurement], Quantiles | None], quantile: str) -> str:
    values: list[float] = [getattr(seen, quantile) for round_ in rounds if (seen := part(round_))]
    return f"{statistics.median(values):.1f}" if values else ""


def _cell(text: str, width: int) -> str:
    """The case stands left, everything else right."""
    return f"{text:<{width}}" if width == _COLUMNS[0][1] else f"{text:>{width}}"
