"""The time in which chats count, and what the programs use meanwhile."""

import time
from dataclasses import dataclass, field

from benchmarks.measurement import Chat, Measurement, Quantiles
from benchmarks.processes import cpu_seconds, machine_seconds

_MOST_FAILURES_KEPT = 5
# Fewer chats than this say little.
_ENOUGH_CHATS = 20


@dataclass
class Window:
    """Counts the chats under way while it is open, and what the programs used meanwhile.

    A chat counts with the share of its time that lies in the window, so that it does not matter where in the chats of
    many callers the window begins and ends; quantiles are those of the chats that ended in it. `answered` holds the
    callers that had an answer since the start, then since the window's end; `failed` those that had none and gave up.
    """

    programs: dict[str, list[int]]
    chats: list[Chat] = field(default_factory=list)
    shares: float = 0.0
    failures: list[str] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    unready: int = 0
    _opened_at: float = float("inf")
    _closed_at: float = float("inf")

    @property
    def seconds(self) -> float:
        """How long it was open."""
        return self._closed_at - self._opened_at

    @property
    def has_enough(self) -> bool:
        """Whether its figures are more than chance."""
        return len(self.chats) >= _ENOUGH_CHATS

    def open(self, *, unready: int = 0) -> None:
        """`unready` callers had no answer yet."""
        self.unready = unready
        self.cpu = self._used()
        self._opened_at = time.perf_counter()

    def close(self) -> None:
        if self._opened_at == float("inf"):
            raise RuntimeError("the window was not open")
        self._closed_at = time.perf_counter()
        self.cpu = {name: used - self.cpu[name] for name, used in self._used().items()}
        self.answered.clear()

    def record(self, caller: int, chat: Chat) -> None:
        """A chat that has just ended."""
        self.answered.add(caller)
        ended = time.perf_counter()
        seconds = chat.total / 1000
        inside = min(ended, self._closed_at) - max(ended - seconds, self._opened_at)
        self.shares += max(inside, 0.0) / seconds
        if self._opened_at <= ended <= self._closed_at:
            self.chats.append(chat)

    def fail(self, caller: int, what: str) -> None:
        """A failure counts whenever it happens, and its caller says no more."""
        self.failed.add(caller)
        if len(self.failures) < _MOST_FAILURES_KEPT:
            self.failures.append(what)

    def silent(self, callers: int) -> int:
        """How many of so many callers neither had an answer nor gave up."""
        return callers - len(self.answered | self.failed)

    def measured(self, *, upstream_ms: float, first_ms: float) -> Measurement:
        """The figures, over what the upstream itself took: for a whole answer, and until its first text."""
        return Measurement(
            chats=self.shares if self.chats else 0.0,
            seconds=self.seconds,
            cpu=self.cpu,
            total=Quantiles.of([chat.total for chat in self.chats], minus=upstream_ms),
            first=Quantiles.of([chat.first for chat in self.chats if chat.first is not None], minus=first_ms),
            lag=Quantiles.of([lag for chat in self.chats for lag in chat.lags]),
            failures=self.failures,
            unready=self.unready,
        )

    def _used(self) -> dict[str, float]:
        used = {name: cpu_seconds(pids) for name, pids in self.programs.items()}
        return {**used, "machine": machine_seconds()}
