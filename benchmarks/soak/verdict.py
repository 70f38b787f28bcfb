"""Whether a soak run was passed, and the table that says so."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.soak.resources import Held

# However long a run was. Python gives memory back in large pieces or not at all, so a few MiB say nothing.
MOST_GROWTH_MIB = 8.0
# Of the second half of a run, where that half is long enough for a slope to mean something.
MOST_SLOPE_MIB_PER_HOUR = 16.0
_LEAST_SECONDS = 300.0


@dataclass(frozen=True)
class Sample:
    """`seconds` since the warm state, and MiB of RSS then, while everybody is busy."""

    seconds: float
    rss: float


@dataclass(frozen=True)
class Soaked:
    """A run: what was held warm and idle, meanwhile, and idle at the end; what visitors saw; workers that ended."""

    warm: Held
    samples: Sequence[Sample]
    end: Held
    seen: "Counter[str]"
    lost_workers: int = 0

    @property
    def slope(self) -> float | None:
        """MiB of RSS an hour in the second half; None where that is too short to tell."""
        end = self.samples[-1].seconds if self.samples else 0.0
        if end < 2 * _LEAST_SECONDS:
            return None
        return slope_per_hour([sample for sample in self.samples if sample.seconds >= end / 2])

    @property
    def faults(self) -> list[str]:
        """What is wrong, a sentence each; empty when the run was passed."""
        grown = self.end.rss - self.warm.rss
        slope = self.slope or 0.0
        return [
            *(f"{what}, {number:,} times" for what, number in sorted(self.seen.items()) if what.startswith("WRONG")),
            *([f"{self.lost_workers} worker(s) ended."] if self.lost_workers else []),
            *(
                f"{what}: {now} when idle at the end, {self.warm.counts[what]} when warm."
                for what, now in self.end.counts.items()
                if now > self.warm.counts[what]
            ),
            *([f"RSS grew by {grown:.1f} MiB, more than {MOST_GROWTH_MIB:.0f}."] if grown > MOST_GROWTH_MIB else []),
            *([f"RSS rose by {slope:.1f} MiB an hour in the second half."] if slope > MOST_SLOPE_MIB_PER_HOUR else []),
        ]


def slope_per_hour(samples: Sequence[Sample]) -> float:
    """MiB an hour: the straight line with the least squares."""
    seconds = sum(sample.seconds for sample in samples) / len(samples)
    rss = sum(sample.rss for sample in samples) / len(samples)
    spread = sum((sample.seconds - seconds) ** 2 for sample in samples)
    together = sum((sample.seconds - seconds) * (sample.rss - rss) for sample in samples)
    return 3600 * together / spread if spread else 0.0


def table(soaked: Soaked) -> str:
    """What was held, what was seen, what is wrong."""
    busy = [sample.rss for sample in soaked.samples]
    rows = [
        ("", "warm, idle", "busy, most", "end, idle"),
        ("RSS, MiB", f"{soaked.warm.rss:.1f}", f"{max(busy):.1f}" if busy else "", f"{soaked.end.rss:.1f}"),
        *((what, str(soaked.warm.counts[what]), "", str(now)) for what, now in soaked.end.counts.items()),
    ]
    slope = soaked.slope
    return "\n".join(
        [
            *(f"{name:<12}{warm:>12}{most:>12}{end:>12}".rstrip() for name, warm, most, end in rows),
            "",
            *([f"RSS in the second half: {slope:+.1f} MiB an hour."] if slope is not None else []),
            *(f"{number:>10,}  {what}" for what, number in sorted(soaked.seen.items())),
            "",
            *(soaked.faults or ["Nothing grew."]),
        ]
    )
