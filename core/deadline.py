"""One deadline for everything a turn does."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, in seconds, after which the turn has no time left."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left; negative when it has passed."""
        return self.at - time.monotonic()

    def at_most(self, seconds: float) -> "Deadline":
        """The earlier of this deadline and one in so many seconds."""
        return min(self, Deadline.after(seconds), key=lambda deadline: deadline.at)
