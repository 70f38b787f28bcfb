"""What usage is measured by: the figures that staff rank models and owners by, and look at in charts."""

from enum import StrEnum

from conversations.domain import Spending


class Figure(StrEnum):
    """One of them. The words stand in addresses."""

    COST = "cost"
    TURNS = "turns"
    FAILED = "failed"
    TOKENS = "tokens"
    LATENCY = "latency"


def amount(figure: Figure, spending: Spending) -> int:
    """How much of it: nano-dollars, turns (answered and failed), failed turns, tokens, or mean milliseconds."""
    match figure:
        case Figure.COST:
            return spending.cost_nano_usd
        case Figure.TURNS:
            return spending.turns + spending.errors
        case Figure.FAILED:
            return spending.errors
        case Figure.TOKENS:
            return spending.usage.prompt_tokens + spending.usage.output_tokens
        case Figure.LATENCY:
            return mean_latency_ms(spending) or 0


def ranked(sums: dict[str, Spending], figure: Figure) -> list[tuple[str, Spending]]:
    """The names with the most of it first; of two with as much, the dearer one."""
    return sorted(sums.items(), key=lambda row: (-amount(figure, row[1]), -row[1].cost_nano_usd, -row[1].turns, row[0]))


def mean_latency_ms(spending: Spending) -> int | None:
    """Milliseconds that the model took for an answer; None without answers."""
    return round(spending.latency_ms / spending.turns) if spending.turns else None
