"""What every report is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from benchmarks.scaling.load import Load


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of chat, numbers of them a second, and the seed of what is left to chance."""

    load: Load = field(default_factory=Load)
    rates: Sequence[int] = (10, 1_000, 100_000)
    seed: int = 1

    def rng(self) -> Random:
        """A generator of its own for each simulation, so that no report depends on what was asked before it."""
        return Random(self.seed)  # noqa: S311  # a simulation, not a secret
