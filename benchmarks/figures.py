"""Single figures of a run, by the titles of its rows."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.measurement import Measurement, Quantiles
from benchmarks.rows import Row


@dataclass(frozen=True)
class Figures:
    """The rows of a run by title and callers. A figure is None where its row was not measured."""

    rows: dict[tuple[str, int], Row]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Figures":
        return cls({(row.case.title, row.case.callers): row for row in rows})

    def floor(self, title: str, callers: int) -> float | None:
        row = self.rows.get((title, callers))
        return row.ratio if row else None

    def median(self, title: str, callers: int, figure: Callable[[Measurement], float | None]) -> float | None:
        row = self.rows.get((title, callers))
        seen = [value for round_ in row.server if (value := figure(round_)) is not None] if row else []
        return statistics.median(seen) if seen else None

    def plain(self, title: str, callers: int) -> float | None:
        """Chats a second of the service divided by those of the plain server."""
        row = self.rows.get((title, callers))
        if not row or not row.plain:
            return None
        return statistics.median(ours.rate / theirs.rate for ours, theirs in zip(row.server, row.plain, strict=True))

    def cpu(self, title: str, other: str, callers: int) -> list[tuple[float, float]]:
        """CPU milliseconds a chat of two rows, of the rounds that both have."""
        pair = self.rows.get((title, callers)), self.rows.get((other, callers))
        if not pair[0] or not pair[1]:
            return []
        ours, theirs = ([round_.cpu_ms("server") for round_ in row.server] for row in pair if row)
        return list(zip(ours, theirs, strict=False))


def of_total(quantile: str) -> Callable[[Measurement], float | None]:
    """Reads this quantile of a whole chat."""

    def figure(round_: Measurement) -> float | None:
        seen: Quantiles | None = round_.total
        return getattr(seen, quantile) if seen else None

    return figure
