"""The time in which chats count, and what the programs use meanwhile."""

import time
from dataclasses import dataclass, field

from benchmarks.measurement import Chat, Measurement, Quantiles
from benchmarks.processes import cpu_seconds, machine_seconds

_MOST_FAILURES_KEPT = 5
# With fewer chats than this, a window stays open for another stretch, for so long at most.
_ENOUGH_CHATS = 20
_LONGEST_SECONDS = 10
# How often it is looked whether every caller is in its stride, and for how long at most: 10 s.
LOOK_SECONDS = 0.1
MOST_LOOKS = 100


def stretches(seconds: float) -> range:
    """How often a window of this length may be lengthened by as much."""
    return range(max(1, round(_LONGEST_SECONDS / seconds)))


@dataclass
class Window:
    """Counts the chats that end while it is open, and what the programs used meanwhile.

    Chats on their way when it opens count, those on their way when it closes do not: of many callers about the same,
    once they are in their stride. `answered` and `failed` count all, before and after too.
    """

    programs: dict[str, list[int]]
    chats: list[Chat] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    answered: int = 0
    failed: int = 0
    _opened_at: float | None = None

    @property
    def has_enough(self) -> bool:
        """Whether its figures are more than chance."""
        return len(self.chats) >= _ENOUGH_CHATS

    def open(self) -> None:
        self.cpu = self._used()
        self._opened_at = time.perf_counter()

    def close(self) -> None:
        if self._opened_at is None:
            raise RuntimeError("the window was not open")
        self.seconds = time.perf_counter() - self._opened_at
        self._opened_at = None
        self.cpu = {name: used - self.cpu[name] for name, used in self._used().items()}

    def record(self, chat: Chat) -> None:
        self.answered += 1
        if self._opened_at is not None:
            self.chats.append(chat)

    def fail(self, what: str) -> None:
        """A failure counts whenever it happens, and its caller says no more."""
        self.failed += 1
        if len(self.failures) < _MOST_FAILURES_KEPT:
            self.failures.append(what)

    def measured(self, *, upstream_ms: float, first_ms: float) -> Measurement:
        """The figures, over what the upstream itself took: for a whole answer, and until its first text."""
        return Measurement(
            chats=len(self.chats),
            seconds=self.seconds,
            cpu=self.cpu,
            total=Quantiles.of([chat.total for chat in self.chats], minus=upstream_ms),
            first=Quantiles.of([chat.first for chat in self.chats if chat.first is not None], minus=first_ms),
            lag=Quantiles.of([lag for chat in self.chats for lag in chat.lags]),
            failures=self.failures,
        )

    def _used(self) -> dict[str, float]:
        used = {name: cpu_seconds(pids) for name, pids in self.programs.items()}
        return {**used, "machine": machine_seconds()}
