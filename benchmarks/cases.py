"""What is measured: kinds of chats, and how many callers make them at once."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from benchmarks.bedrock_answers import PIECES

# new: no turn before; long: 50 turns, none in the process's memory; warm: 50 turns, the newest held by the process.
History = Literal["new", "long", "warm"]


@dataclass(frozen=True)
class Case:
    """One row of the table. Seconds; `latency` before the model begins to answer, `gap` between pieces of a stream."""

    title: str
    callers: int
    seconds: float
    history: History = "new"
    stream: bool = False
    latency: float = 0.0
    gap: float = 0.0
    rounds: int | None = None

    @property
    def upstream_seconds(self) -> float:
        """What a chat takes if everything but the model takes no time."""
        return self.latency + (self.gap * (PIECES - 1) if self.stream else 0.0)

    @property
    def ramp_seconds(self) -> float:
        """The least time before the window opens, so that every caller is in its stride."""
        return min(0.3, self.seconds) + 1.5 * self.upstream_seconds

    @property
    def ideal_rate(self) -> float | None:
        """Chats a second if everything but the model took no time; None where the model takes none."""
        return self.callers / self.upstream_seconds if self.upstream_seconds else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def plan(*, quick: bool) -> list[Case]:
    """All cases, in the order of the table. What a warm one is compared with comes before it."""
    seconds = 0.5 if quick else 1.4
    first = [
        Case("JSON, new session", 1, seconds),
        Case("JSON, new session", 32, seconds),
        Case("JSON, 50 turns", 1, seconds, "long"),
        Case("JSON, 50 turns", 32, seconds, "long"),
        Case("stream, new session", 1, seconds, stream=True),
        Case("stream, new session", 32, seconds, stream=True),
        Case("stream, 20 ms a piece", 32, 1.5 * seconds, stream=True, gap=0.02),
    ]
    if quick:
        return [*first, Case("JSON, model takes 1 s", 256, 2.0, latency=1.0, rounds=1)]
    return [
        *first,
        Case("JSON, 50 turns, warm", 1, seconds, "warm"),
        Case("JSON, 50 turns, warm", 32, seconds, "warm"),
        Case("JSON, model takes 1 s", 256, 3.0, latency=1.0, rounds=2),
        Case("JSON, 50 turns, 1 s", 256, 3.0, "long", latency=1.0, rounds=2),
        Case("stream, 1 s, 20 ms a piece", 256, 3.0, stream=True, latency=1.0, gap=0.02, rounds=2),
    ]
