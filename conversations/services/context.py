"""What a model is sent: the newest exchanges that fit the token budget, and the new message.

Only whole exchanges go out, a question with its answer. So whatever a history holds, what is sent starts with the user,
alternates, has no blank text and ends with the new message, as Bedrock demands.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from bedrock_client import EncodedExchange, encoded_exchange
from conversations.domain import Said, Session

# A token is three bytes of UTF-8 or more in every language Nova was trained on, so the first estimate of a session errs
# on the safe side; from then on the model's own count corrects it.
_BYTES_PER_TOKEN = 3
# What the roles and separators around one message cost.
_TOKENS_PER_MESSAGE = 4
_CORRECTION_RANGE = (0.25, 4.0)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer as they are sent, with an estimate of their tokens; sent until it expires.

    `expires_at` is in epoch seconds; None is never.
    """

    said: EncodedExchange
    estimate: int
    expires_at: int | None = None

    @classmethod
    def of(cls, question: str, answer: str, *, expires_at: int | None = None) -> "Exchange":
        estimate = estimate_tokens(question) + estimate_tokens(answer)
        return cls(encoded_exchange(question, answer), estimate, expires_at)


@dataclass(frozen=True, slots=True)
class Context:
    """What goes to the model before the question, oldest first, and the uncorrected estimate of all that goes."""

    exchanges: tuple[Exchange, ...]
    estimate: int


def estimate_tokens(text: str) -> int:
    """Roughly how many tokens a message takes; CountTokens does not know Nova."""
    return -(-len(text.encode()) // _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE


def correction(session: Session) -> float:
    """How many real tokens an estimated one stood for in the turn before; 1 when there was none."""
    if not (session.last_prompt_tokens and session.last_prompt_estimate):
        return 1.0
    low, high = _CORRECTION_RANGE
    return min(high, max(low, session.last_prompt_tokens / session.last_prompt_estimate))


def exchanges_of(newest_first: Iterable[Said]) -> Iterable[Exchange]:
    """The whole exchanges of a history read backwards; what has lost its other half is passed over."""
    answer: Said | None = None
    for message in newest_first:
        if message.role == "assistant":
            answer = message
        elif answer is not None:
            if message.text.strip() and answer.text.strip():
                yield Exchange.of(message.text, answer.text, expires_at=answer.expires_at)
            answer = None


def build_context(
    newest_first: Iterable[Exchange],
    *,
    question: str,
    system: str,
    now: dt.datetime,
    budget: int,
    tokens_per_estimate: float = 1.0,
) -> Context:
    """As many of the newest exchanges as fit `budget` tokens beside the question and the system prompt.

    The question is sent whatever it costs. `newest_first` is read no further than needed, and ends where one of them
    has expired: what is older is sent no more either.
    """
    moment = now.timestamp()
    estimate = estimate_tokens(question) + (estimate_tokens(system) if system else 0)
    chosen: list[Exchange] = []
    for exchange in newest_first:
        if exchange.expires_at is not None and exchange.expires_at <= moment:
            break
        if (estimate + exchange.estimate) * tokens_per_estimate > budget:
            break
        estimate += exchange.estimate
        chosen.append(exchange)
    chosen.reverse()
    return Context(tuple(chosen), estimate)
