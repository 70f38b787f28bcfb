"""The words of a conversation, as values. No DynamoDB, no HTTP.

A *session* belongs to an *owner* and is a row of *turns*; a turn is one question and its answer, two *messages*.
Times are UTC, money is integer nano-dollars (a billionth of a US dollar).
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, NamedTuple, TypeVar

from bedrock_client import Role, Usage

T = TypeVar("T")

SessionState = Literal["idle", "pending", "failed"]
PendingState = Literal["pending", "failed"]

# A lease outlives its turn's deadline by the time a last write may take and clocks may differ.
LEASE_MARGIN_SECONDS = 15
# The error code of a turn whose process died: nobody was left to say why.
INTERRUPTED = "interrupted"
# The error code of a turn that was stopped before the model said a word, and the stop reason of one stopped later.
TURN_CANCELLED = "turn_cancelled"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the history, exactly as it was said.

    `timestamp` orders a session's messages; `created_at` is the time on the clock of the process that wrote it. The
    last six fields describe a model's answer and are empty for a question.
    """

    message_id: str
    turn_id: str
    role: Role
    content: str
    timestamp: dt.datetime
    created_at: dt.datetime
    model_id: str
    region: str = ""
    usage: Usage | None = None
    cost_nano_usd: int = 0
    price_version: str = ""
    stop_reason: str = ""
    latency_ms: int = 0


class Said(NamedTuple):
    """Of a message of the history, what a model is sent, and until when: `expires_at` is in epoch seconds."""

    role: Role
    text: str
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class PendingTurn:
    """A message that has no answer (yet). While `state` is pending and the lease runs, no other turn may begin.

    `key` and `fingerprint` are the caller's Idempotency-Key and what was asked with it, empty where none was sent.
    `partial` is what the model said before a failed turn broke off.
    """

    turn_id: str
    message: str
    model_id: str
    started_at: dt.datetime
    lease_until: dt.datetime
    state: PendingState = "pending"
    error_code: str = ""
    system: str | None = None
    key: str = ""
    fingerprint: str = ""
    partial: str = ""

    def seen_at(self, now: dt.datetime) -> "PendingTurn":
        """The turn as a reader sees it: one whose lease ran out has failed, its process is gone."""
        return replace(self, state="failed", error_code=INTERRUPTED) if self.is_interrupted_at(now) else self

    def is_interrupted_at(self, now: dt.datetime) -> bool:
        """Whether its lease ran out, and nobody has marked it as failed yet."""
        return self.state == "pending" and self.lease_until <= now


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation's head: everything but its messages.

    `created_at` tells incarnations of one id apart (erased and begun again), `version` counts committed turns, so the
    two together name one state of the history. `last_timestamp` is that of the newest message. The last prompt's
    tokens, as counted by the model and as estimated here, correct the next estimate.
    """

    session_id: str
    owner: str
    title: str
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int = 0
    message_count: int = 0
    system: str = ""
    last_timestamp: dt.datetime | None = None
    last_prompt_tokens: int = 0
    last_prompt_estimate: int = 0
    pending: PendingTurn | None = None


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session as a list shows it."""

    session_id: str
    title: str
    created_at: dt.datetime
    updated_at: dt.datetime
    message_count: int
    state: SessionState


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a longer list; `next_cursor` is None at its end."""

    rows: list[T] = field(default_factory=list)
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a turn with an Idempotency-Key was answered: where its answer stands in which incarnation."""

    fingerprint: str
    session_created_at: dt.datetime
    answer_timestamp: dt.datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that was begun: the session as it is now, with this turn as its pending one.

    `budget_key_id` names the API key whose own budget pays for it, and is empty where there is none.
    """

    session: Session
    pending: PendingTurn
    budget_key_id: str = ""


@dataclass(frozen=True, slots=True)
class Spending:
    """What turns with an answer used and cost, and how long the model took; `errors` counts the turns without one."""

    turns: int = 0
    errors: int = 0
    usage: Usage = field(default_factory=Usage)
    cost_nano_usd: int = 0
    latency_ms: int = 0

    def __add__(self, other: "Spending") -> "Spending":
        return Spending(
            self.turns + other.turns,
            self.errors + other.errors,
            self.usage + other.usage,
            self.cost_nano_usd + other.cost_nano_usd,
            self.latency_ms + other.latency_ms,
        )


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What one owner spent on one model on one day (UTC)."""

    day: dt.date
    owner: str
    model_id: str
    spending: Spending
