"""The rounds of a case, and what they make together."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.cases import Case
from benchmarks.measurement import Measurement

# Of fewer rounds than this, quartiles say nothing: the spread is that of all rounds.
_ROUNDS_FOR_QUARTILES = 4


@dataclass
class Row:
    """The rounds of one case: of the server, and of the floor and the plain server beside it (of the same rounds)."""

    case: Case
    server: list[Measurement] = field(default_factory=list)
    floor: list[Measurement] = field(default_factory=list)
    plain: list[Measurement] = field(default_factory=list)

    @property
    def measured(self) -> list[Measurement]:
        """All of them."""
        return [*self.server, *self.floor, *self.plain]

    @property
    def failures(self) -> list[str]:
        return [failure for round_ in self.measured for failure in round_.failures]

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
