"""The words of a model call: what goes in, what comes out. Knows no HTTP, no tables and no vendor dictionaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NewType

Role = Literal["user", "assistant"]


# A question and its answer as Converse takes them: two messages in JSON, without the list around them. A conversation
# sends the same hundreds of messages with every turn, so they are encoded once (docs/PERFORMANCE.md).
EncodedExchange = NewType("EncodedExchange", bytes)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model.

    `history` is what was said before, oldest first: what `encoded_exchange` makes of whole exchanges, so that the
    request starts with the user, alternates and ends with the user. `max_tokens` is always sent, because Bedrock
    reserves the model's maximum from the quota when it is not.
    """

    model_id: str
    question: str
    max_tokens: int
    history: Sequence[EncodedExchange] = ()
    system: str = ""
    temperature: float | None = None
    top_p: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call as Bedrock counts them: `input_tokens` does not contain the cached ones."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def prompt_tokens(self) -> int:
        """Everything that was sent, from a cache or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A whole answer. `text` holds no `<thinking>` and is never blank; `model_id` and `region` say who answered.

    `usage` is all that was billed for it, an empty first try included; None when a stream ended without saying it.
    `latency_ms` is the model's own time, 0 when it is not known.
    """

    text: str
    stop_reason: str
    usage: Usage | None
    latency_ms: int
    model_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What a model costs, in USD per million tokens."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that callers may name.

    Modalities are Bedrock's words (TEXT, IMAGE, VIDEO, …). `context_window` and `max_output_tokens` are the model's own
    limits in tokens, None where they are not known; `prices` is None for a model whose price is not known. `lifecycle`
    is Bedrock's status (ACTIVE, LEGACY, or a newer word), UNKNOWN where nobody says.
    """

    model_id: str
    name: str
    provider: str
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    context_window: int | None
    max_output_tokens: int | None
    prices: Prices | None
    lifecycle: str
    end_of_life: date | None
    streaming: bool
    default: bool
