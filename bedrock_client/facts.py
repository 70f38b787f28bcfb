"""What is known of Nova without asking: limits, words and lifecycle, as of November 2026.

Bedrock's lists say neither context window nor output limit, and may not be readable at all. Sources: the AWS model
cards and litellm 1.109.1's table.
"""

from dataclasses import dataclass
from datetime import date

# The AWS model cards say 5,000, litellm's table 10,000. The smaller figure is right under both.
_NOVA_1_MAX_OUTPUT = 5_000
_SEES = ("TEXT", "IMAGE", "VIDEO")


@dataclass(frozen=True, slots=True)
class Facts:
    """A foundation model; limits in tokens."""

    name: str
    context_window: int
    max_output_tokens: int
    input_modalities: tuple[str, ...] = _SEES
    output_modalities: tuple[str, ...] = ("TEXT",)
    provider: str = "Amazon"
    lifecycle: str = "ACTIVE"
    end_of_life: date | None = None


_FACTS = {
    "amazon.nova-micro-v1:0": Facts("Nova Micro", 128_000, _NOVA_1_MAX_OUTPUT, input_modalities=("TEXT",)),
    "amazon.nova-lite-v1:0": Facts("Nova Lite", 300_000, _NOVA_1_MAX_OUTPUT),
    "amazon.nova-pro-v1:0": Facts("Nova Pro", 300_000, _NOVA_1_MAX_OUTPUT),
    "amazon.nova-premier-v1:0": Facts(
        "Nova Premier", 1_000_000, _NOVA_1_MAX_OUTPUT, lifecycle="LEGACY", end_of_life=date(2026, 9, 14)
    ),
    "amazon.nova-2-lite-v1:0": Facts("Nova 2 Lite", 1_000_000, 64_000),
}


def plain_id(model_id: str) -> str:
    """The id in an ARN of a foundation model or a system's inference profile; any other id as it is."""
    return model_id.rpartition("/")[2]


def foundation_ids(model_id: str) -> tuple[str, str]:
    """The ids under which a model's foundation may be known: its own, and that without a profile's prefix (`us.`)."""
    own = plain_id(model_id)
    return own, own.partition(".")[2]


def find_facts(model_id: str) -> Facts | None:
    """What is known of a model or inference profile; None when nothing is. Asks nobody."""
    return next((_FACTS[known] for known in foundation_ids(model_id) if known in _FACTS), None)
