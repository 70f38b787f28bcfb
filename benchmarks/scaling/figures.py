"""What was measured of the service, as data: read from figures.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("figures.toml")


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of the benchmark: CPU milliseconds of chats of three kinds, and a worker's memory in MiB."""

    run: str
    json_cpu_ms: float
    stream_cpu_ms: float
    stream_pieces: int
    history_cpu_ms: float
    history_messages: int
    worker_mib: int

    @property
    def piece_cpu_ms(self) -> float:
        """What one more piece of a stream costs."""
        return (self.stream_cpu_ms - self.json_cpu_ms) / self.stream_pieces

    @property
    def message_cpu_ms(self) -> float:
        """What one more message costs that is read and sent to the model."""
        return (self.history_cpu_ms - self.json_cpu_ms) / self.history_messages


@cache
def figures() -> Figures:
    """The run that everything here reckons with."""
    stated = tomllib.loads(FILE.read_text())
    return Figures(run=stated.pop("run").isoformat(), **stated)
