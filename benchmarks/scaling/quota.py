"""Bedrock's quota of tokens a minute, and the chats that it carries.

A call reserves its prompt and the longest answer it may have (maxTokens); when it ends, what it did not say is given
back (https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html). A token of Nova's output counts
once. How AWS measures the minute is not said: here it is the last sixty seconds, the strictest reading.
"""

from dataclasses import dataclass, field

from bedrock_client.regions import Target
from benchmarks.scaling.load import Load

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Demand:
    """Tokens of a call, and the seconds that it takes."""

    input_tokens: int
    output_tokens: int
    max_output_tokens: int
    seconds: float

    @property
    def reserved(self) -> int:
        """From its start to its end."""
        return self.input_tokens + self.max_output_tokens

    @property
    def settled(self) -> int:
        """From then on, until a minute is over."""
        return self.input_tokens + self.output_tokens


@dataclass(slots=True)
class Use:
    """What came of the chats that count: the first minute's do not, in which the quotas fill.

    `at_once` are those that one round of targets answered, `calls` all calls of the model, `waited` seconds together.
    """

    chats: int = 0
    at_once: int = 0
    answered: int = 0
    refused: int = 0
    calls: int = 0
    waited: float = 0.0
    by_target: dict[Target, int] = field(default_factory=dict)


def demand(load: Load) -> Demand:
    """A chat's. Tokens read from the prompt cache are not taken off: what is reserved has them."""
    workload = load.workload
    return Demand(workload.input_tokens, workload.output_tokens, load.max_output_tokens, load.seconds)


def chats_a_second(tokens_a_minute: float, call: Demand) -> float:
    """That one quota carries when chats come evenly: it holds those of the last minute, and more for the open ones."""
    each = MINUTE * call.settled + min(call.seconds, MINUTE) * (call.reserved - call.settled)
    return tokens_a_minute / each
