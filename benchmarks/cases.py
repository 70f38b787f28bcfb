"""What is measured: kinds of requests, and how many callers make them at once."""

from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from benchmarks.bedrock_answers import PIECES

Asks = Literal["chat", "history", "sessions", "models", "health"]
State = Literal["cold", "warm", "behind"]

# Titles that the targets look for.
NEW, LONG, WARM = "JSON, new session", "JSON, 50 turns", "JSON, 50 turns, warm"
SLOW = "JSON, model takes 1 s"
STREAM, PACED = "stream, new session", "stream, 20 ms a piece"
FEW_PIECES, MANY_PIECES = "stream, 40 pieces of 5 ms", "stream, 400 pieces of 5 ms"
MESSAGES = {number: f"JSON, {number:,} messages" for number in (10, 400, 10_000)}
READS: dict[str, Asks] = {"GET /history": "history", "GET /sessions": "sessions", "GET /models": "models"}


@dataclass(frozen=True)
class Case:
    """One row of the table. Seconds; `latency` before the model begins to answer, `gap` between pieces of a stream.

    Sessions have `turns` behind them. Of a cold one the process holds nothing; of a warm one the newest exchanges; of
    one that is behind, all of these but the last, which another process answered. `floor` and `plain` say whether it
    is measured beside the floor, and beside the plain server.
    """

    title: str
    callers: int
    seconds: float
    asks: Asks = "chat"
    turns: int = 0
    state: State = "cold"
    stream: bool = False
    pieces: int = PIECES
    latency: float = 0.0
    gap: float = 0.0
    workers: int = 1
    rounds: int | None = None
    floor: bool = True
    plain: bool = False

    @property
    def sessions(self) -> str:
        """How the ids of its sessions begin, by which the upstream knows what is behind them."""
        return f"{self.state}{self.turns}" if self.turns else "new"

    @property
    def comes_again(self) -> bool:
        """Whether chats are in sessions that the process knows."""
        return self.state != "cold"

    @property
    def upstream_seconds(self) -> float:
        """What a chat takes if everything but the model takes no time."""
        return self.latency + (self.gap * (self.pieces - 1) if self.stream else 0.0)

    @property
    def ramp_seconds(self) -> float:
        """The least time before the window opens, so that every caller is in its stride."""
        return min(0.3, self.seconds) + 1.5 * self.upstream_seconds

    @property
    def ideal_rate(self) -> float | None:
        """Chats a second if everything but the model took no time; None where the model takes none."""
        return self.callers / self.upstream_seconds if self.upstream_seconds else None

    @property
    def work(self) -> Hashable:
        """What the floor does for it: a warm session is read whole like any other."""
        return self.asks, self.callers, self.turns, self.stream, self.pieces, self.latency, self.gap

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def plan(*, quick: bool, workers: int | None = None) -> list[Case]:
    """All cases, in the order of the table. What a warm one is compared with comes before it.

    With `workers` all are measured with so many, instead of one and, where the model is slow, two.
    """
    seconds = 0.5 if quick else 1.4
    case: Callable[..., Case] = partial(Case, workers=workers or 1)
    slow = partial(case, workers=workers or 2, latency=1.0)
    cases = [
        case(NEW, 1, seconds),
        case(NEW, 32, seconds, plain=True),
        case(LONG, 1, seconds, turns=50),
        case(LONG, 32, seconds, turns=50, plain=True),
        case(STREAM, 1, seconds, stream=True),
        case(STREAM, 32, seconds, stream=True),
        case(PACED, 32, 1.5 * seconds, stream=True, gap=0.02),
    ]
    if not quick:
        cases += [case(WARM, callers, seconds, turns=50, state="warm") for callers in (1, 32)]
    rounds, short = (1, 0.3) if quick else (3, 0.8)
    cases += [case(title, 1, short, asks=asks, turns=50, rounds=rounds) for title, asks in READS.items()]
    cases += [case(title, 32, short, asks=asks, turns=50, rounds=rounds) for title, asks in READS.items()]
    lengths = partial(case, callers=1, seconds=seconds, rounds=rounds, floor=False)
    for number, title in MESSAGES.items():
        cases.append(lengths(title, turns=number // 2))
        states: tuple[State, ...] = ("warm", "behind")
        cases += [lengths(f"{title}, {state}", turns=number // 2, state=state) for state in states]
    pieces = partial(case, callers=16, seconds=2.0, stream=True, gap=0.005, rounds=1 if quick else 2, floor=False)
    cases.append(pieces(FEW_PIECES))
    cases.append(pieces(MANY_PIECES, pieces=10 * PIECES))
    if quick:
        return [*cases, slow(SLOW, 256, 2.0, rounds=1, floor=False)]
    return [
        *cases,
        slow(SLOW, 256, 4.0, rounds=2, plain=True),
        slow("stream, 1 s, 20 ms a piece", 256, 3.0, stream=True, gap=0.02, rounds=1),
    ]
