"""What was seen of some chats, and the figures made of it."""

import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Chat:
    """One chat that was answered. Milliseconds; `first` until the first text of a stream, `lags` of each piece."""

    total: float
    first: float | None = None
    lags: Sequence[float] = ()


@dataclass(frozen=True)
class Quantiles:
    """Milliseconds, by nearest rank."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: Sequence[float], *, minus: float = 0.0) -> "Quantiles | None":
        """Of the values less `minus`; None when there are none."""
        if not values:
            return None
        ordered = sorted(values)
        ranks = (math.ceil(len(ordered) * share) - 1 for share in (0.50, 0.95, 0.99))
        return cls(*(ordered[rank] - minus for rank in ranks))


@dataclass(frozen=True)
class Measurement:
    """One row of one round. CPU seconds stand by the name of the program that used them, `machine` is all of them.

    `chats` are counted in parts; `unready` callers had no answer before the window opened.
    """

    chats: float
    seconds: float
    cpu: dict[str, float]
    total: Quantiles | None
    first: Quantiles | None
    lag: Quantiles | None
    failures: list[str]
    unready: int = 0

    @property
    def rate(self) -> float:
        """Chats a second."""
        return self.chats / self.seconds

    def cpu_ms(self, program: str) -> float:
        """CPU milliseconds that the program used for a chat."""
        return self.cpu[program] * 1000 / self.chats

    @property
    def others(self) -> float:
        """The share of the machine's processors that programs outside the benchmark used meanwhile."""
        ours = sum(used for name, used in self.cpu.items() if name != "machine")
        return max(self.cpu["machine"] - ours, 0.0) / (self.seconds * (os.cpu_count() or 1))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Measurement":
        quantiles = {name: Quantiles(**body[name]) if body[name] else None for name in ("total", "first", "lag")}
        return cls(**{**body, **quantiles})
