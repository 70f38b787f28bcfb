"""What the model makes of a turn: the script of the scripted Bedrock, and what the caller and the history get of it."""

from dataclasses import dataclass
from enum import Enum
from itertools import count

from tests.scripted_bedrock import Gate, ScriptedBedrock, Tokens

BEGINNING = "Half an ünswer"


class Outcome(Enum):
    """How the model answers."""

    WHOLE = "whole"
    EMPTY_FIRST = "empty, and whole when asked again"
    EMPTY = "empty twice"
    REFUSED = "refused"
    BROKEN = "broken off after its beginning"
    BLOCKED = "blocked by a filter"


@dataclass(frozen=True)
class Ending:
    """The whole answer with its tokens, or the code of the failure and what a stream has said until then."""

    calls: int
    answer: str = ""
    tokens: Tokens | None = None
    error_code: str = ""
    partial: str | None = None


class Scripts:
    """Writes scripts in which no two answers and no two counts of tokens are the same."""

    def __init__(self, bedrock: ScriptedBedrock) -> None:
        self._bedrock = bedrock
        self._numbers = count(1)

    def write(self, outcome: Outcome) -> Ending:
        """The script of the next turn."""
        bedrock, (text, tokens) = self._bedrock, self._next()
        match outcome:
            case Outcome.WHOLE:
                bedrock.stream(BEGINNING, text, usage=tokens)
                return Ending(1, BEGINNING + text, tokens)
            case Outcome.EMPTY_FIRST:
                bedrock.reply("", usage=Tokens(7, 1))
                bedrock.reply(text, usage=tokens)
                return Ending(
                    2, text, Tokens(tokens.input + 7, tokens.output + 1, tokens.cache_read, tokens.cache_write)
                )
            case Outcome.EMPTY:
                bedrock.reply("", usage=tokens, times=2)
                return Ending(2, error_code="model_error")
            case Outcome.REFUSED:
                bedrock.fail("AccessDeniedException")
                return Ending(1, error_code="model_access_denied")
            case Outcome.BROKEN:
                bedrock.stream(BEGINNING, end="modelErrorException")
                return Ending(1, error_code="model_error", partial=BEGINNING)
            case Outcome.BLOCKED:
                bedrock.stream(BEGINNING, stop_reason="content_filtered", usage=tokens)
                return Ending(1, error_code="content_blocked")

    def write_with_gate(self, *, begun: bool, breaks: bool) -> tuple[Gate, Ending]:
        """The script of a turn that waits at a gate, before or behind the beginning of its answer."""
        gate = self._bedrock.gate()
        text, tokens = self._next()
        pieces = (BEGINNING, gate) if begun else (gate, BEGINNING)
        if breaks:
            self._bedrock.stream(*pieces, end="modelErrorException")
            return gate, Ending(1, error_code="model_error", partial=BEGINNING)
        self._bedrock.stream(*pieces, text, usage=tokens)
        return gate, Ending(1, BEGINNING + text, tokens)

    def _next(self) -> tuple[str, Tokens]:
        number = next(self._numbers)
        return f" {number} \u2028\n\U0001f600 ", Tokens(100 + number, 10 + number, number, 2 * number)
