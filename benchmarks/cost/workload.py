"""What is asked of the service in a month: the inputs of the calculator."""

from dataclasses import dataclass
from decimal import Decimal

from bedrock_client.prices import find_prices
from benchmarks.cost.bill import SECONDS

# From here on prices have volume tiers that prices.toml does not hold (API Gateway: 300 million requests a month).
MOST_CHATS = 300_000_000
# Lambda's limits: memory in MB, and milliseconds of one call.
_MEMORY = (128, 10_240)
_LONGEST_MS = 900_000


@dataclass(frozen=True, slots=True)
class Workload:
    """Chats a month and what one is like. Tokens are those of one chat; percentages are whole ones.

    `input_tokens` is the whole prompt (system prompt, earlier messages, question), `cached_tokens` the part of it that
    is read from Bedrock's prompt cache. `duration_ms` is the time from request to answer, nearly all of it the model's;
    `cpu_ms` is what of it a core works. Raises ValueError, in words for the caller.
    """

    chats: int = 100_000
    model_id: str = "us.amazon.nova-pro-v1:0"
    input_tokens: int = 1_500
    cached_tokens: int = 0
    question_tokens: int = 100
    output_tokens: int = 300
    bytes_per_token: int = 4
    turns_per_session: int = 5
    streamed_percent: int = 50
    idempotent_percent: int = 100
    budgets: bool = False
    duration_ms: int = 4_000
    cpu_ms: int = 10
    memory_mb: int = 1_024
    provisioned: int = 2
    peak_factor: int = 5
    regions: int = 1
    kept_months: int = 12
    log_bytes: int = 1_100
    log_days: int = 365
    cluster_log_gb: int = 0
    cluster_metrics: int = 0

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise ValueError(problem)

    def _problem(self) -> str | None:
        rules = (
            (0 <= self.chats <= MOST_CHATS, f"chats: 0 to {MOST_CHATS:,}"),
            (find_prices(self.model_id) is not None, f"no price is known of the model {self.model_id}"),
            (0 < self.question_tokens <= self.input_tokens, "question tokens: at least 1, at most the input tokens"),
            (0 <= self.cached_tokens <= self.input_tokens, "cached tokens: 0 to the input tokens"),
            (self.output_tokens >= 0, "output tokens: 0 or more"),
            (self.bytes_per_token > 0, "bytes per token: 1 or more"),
            (self.turns_per_session > 0, "turns per session: 1 or more"),
            (0 <= self.streamed_percent <= 100, "streamed: 0 to 100 per cent"),  # noqa: PLR2004  # all of a hundred
            (0 <= self.idempotent_percent <= 100, "idempotent: 0 to 100 per cent"),  # noqa: PLR2004  # the same
            (0 < self.duration_ms <= _LONGEST_MS, f"duration: 1 to {_LONGEST_MS:,} ms"),
            (0 < self.cpu_ms <= self.duration_ms, "CPU: at least 1 ms, at most the duration"),
            (_MEMORY[0] <= self.memory_mb <= _MEMORY[1], f"memory: {_MEMORY[0]} to {_MEMORY[1]:,} MB"),
            (self.provisioned >= 0, "provisioned: 0 or more"),
            (self.peak_factor > 0, "peak factor: 1 or more"),
            (self.regions > 0, "regions: 1 or more"),
            (self.kept_months >= 0, "kept months: 0 or more"),
            (self.log_bytes >= 0, "log bytes: 0 or more"),
            (self.log_days >= 0, "log days: 0 or more"),
            (self.cluster_log_gb >= 0, "cluster log GB: 0 or more"),
            (self.cluster_metrics >= 0, "cluster metrics: 0 or more"),
        )
        return next((problem for holds, problem in rules if not holds), None)

    @property
    def per_second(self) -> Decimal:
        """Chats a second, averaged over the month."""
        return self.chats / SECONDS

    @property
    def concurrent(self) -> Decimal:
        """Chats under way at once, averaged over the month."""
        return self.per_second * self.duration_ms / 1000

    @property
    def busy_cores(self) -> Decimal:
        """Cores at work in the busiest hours of the month."""
        return self.per_second * self.peak_factor * self.cpu_ms / 1000
