"""What a chat asks of the service: the workload of benchmarks/cost, and what only matters here."""

from dataclasses import dataclass, field

from benchmarks.cost.workload import Workload

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Load:
    """`max_output_tokens` is what Bedrock is told (MAX_OUTPUT_TOKENS), `pieces` those of a streamed answer.

    `pause_seconds` is how long a user takes from an answer to the next question; `largest_owner_percent` the share of
    all chats that one owner makes; `transaction_ms` how long a commit holds the items it writes. Raises ValueError.
    """

    workload: Workload = field(default_factory=Workload)
    max_output_tokens: int = 2_000
    pieces: int = 40
    pause_seconds: int = 26
    largest_owner_percent: int = 10
    transaction_ms: int = 10

    def __post_init__(self) -> None:
        rules = (
            (
                self.max_output_tokens >= max(1, self.workload.output_tokens),
                "max output tokens: at least the output tokens, and 1",
            ),
            (self.pieces > 0, "pieces: 1 or more"),
            (self.pause_seconds >= 0, "pause: 0 or more"),
            (0 < self.largest_owner_percent <= _PERCENT, "largest owner: 1 to 100 per cent"),
            (self.transaction_ms > 0, "transaction: 1 ms or more"),
        )
        problem = next((problem for holds, problem in rules if not holds), None)
        if problem:
            raise ValueError(problem)

    @property
    def seconds(self) -> float:
        """From request to answer."""
        return self.workload.duration_ms / 1000

    @property
    def largest_owner(self) -> float:
        """The share as a fraction."""
        return self.largest_owner_percent / _PERCENT

    @property
    def earlier_messages(self) -> float:
        """Messages of the session that are sent with a question."""
        exchange = self.workload.question_tokens + self.workload.output_tokens
        return 2 * (self.workload.input_tokens - self.workload.question_tokens) / exchange
