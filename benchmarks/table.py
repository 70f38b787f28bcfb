"""Rounds become medians, medians a table."""

import statistics
from collections.abc import Callable, Iterable, Sequence

from benchmarks.cases import Case
from benchmarks.measurement import Measurement, Quantiles
from benchmarks.rows import Row, spread

# From here on two runs may not be compared.
NOISY = 0.15

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


def table(rows: Iterable[Row]) -> str:
    """All rows, floor and plain server below the service where they were measured for this case."""
    lines = ["".join(_cell(name, width) for name, width in _COLUMNS)]
    for row in rows:
        lines.append(_line(row.case, "server", row.server, row.ratio))
        if row.floor and not row.case.comes_again:
            lines.append(_line(row.case, "floor", row.floor, None))
        if row.plain:
            lines.append(_line(row.case, "plain", row.plain, None))
    return "\n".join(line.rstrip() for line in lines)


def noise(rows: Sequence[Row]) -> list[str]:
    """How noisy the run was, and a warning where it was too noisy."""
    others = statistics.median(round_.others for row in rows for round_ in row.measured)
    lines = [f"Noise: other programs used {others:.0%} of the processors (median).", *_unready(rows)]
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


def _unready(rows: Sequence[Row]) -> list[str]:
    return [
        f"WARNING: {row.case.title}, {row.case.callers}: up to {most} callers had no answer before the window opened."
        for row in rows
        if (most := max(round_.unready for round_ in row.measured))
    ]


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
