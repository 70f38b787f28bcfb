"""One quota of tokens as it fills and empties: what calls of the last minute used, or reserve while they are open."""

from collections import deque
from dataclasses import dataclass, field

from benchmarks.scaling.quota import MINUTE


@dataclass(slots=True)
class Admitted:
    """A call that was let in, and the tokens that it holds of the quota."""

    at: float
    tokens: int


@dataclass(slots=True)
class Window:
    """The quota of a model in a region."""

    tokens_a_minute: int
    held: int = 0
    _calls: deque[Admitted] = field(default_factory=deque)

    def admit(self, now: float, tokens: int) -> Admitted | None:
        """The call, with its tokens reserved; None when it is throttled."""
        self._forget(now)
        if self.held + tokens > self.tokens_a_minute:
            return None
        call = Admitted(now, tokens)
        self._calls.append(call)
        self.held += tokens
        return call

    def settle(self, call: Admitted, now: float, tokens: int) -> None:
        """Gives back what the call reserved and did not use."""
        self._forget(now)
        if call.tokens:
            self.held -= call.tokens - tokens
            call.tokens = tokens

    def _forget(self, now: float) -> None:
        while self._calls and self._calls[0].at <= now - MINUTE:
            call = self._calls.popleft()
            self.held -= call.tokens
            call.tokens = 0
