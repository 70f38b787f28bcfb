"""What must be true: the sessions, their turns and the ledger as the callers were promised them. Knows no DynamoDB."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.scripted_bedrock import Tokens

# The scripted time never comes near these limits: it moves in steps of 30 seconds, and leases last 75.
LEASE = dt.timedelta(seconds=75)
RECEIPT = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Request:
    """What a caller sends: without `session_id` the session is the server's choice; an empty `key` is none."""

    session_id: str | None
    message: str
    key: str


@dataclass(eq=False)
class Turn:
    """A message that was accepted. `state` is that of the pending turn while it is one."""

    request: Request
    started: dt.datetime
    state: Literal["pending", "failed"] = "pending"
    error_code: str | None = None
    partial: str | None = None

    def seen_at(self, now: dt.datetime) -> tuple[str, str | None]:
        """State and error code as a reader sees them."""
        return ("failed", "interrupted") if self.is_interrupted_at(now) else (self.state, self.error_code)

    def is_interrupted_at(self, now: dt.datetime) -> bool:
        """Whether its lease ran out and nobody has come upon it."""
        return self.state == "pending" and self.started + LEASE <= now


@dataclass(eq=False)
class Exchange:
    """A question with its answer. `tokens` are None where only the service can know them: the turn was cancelled.

    `told` is the answer as the first caller heard it, `content` the very bytes if it was JSON.
    """

    turn: Turn
    answer: str
    stop_reason: str
    tokens: Tokens | None
    told: dict[str, Any] | None = None
    content: bytes | None = None


@dataclass(frozen=True)
class Receipt:
    """An answered key; `until` is when it is forgotten."""

    exchange: Exchange
    until: dt.datetime


@dataclass(eq=False)
class Session:
    """One incarnation of a session."""

    title: str
    exchanges: list[Exchange] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    pending: Turn | None = None

    @property
    def said(self) -> list[tuple[str, str]]:
        """Roles and texts, oldest first."""
        return [
            line
            for exchange in self.exchanges
            for line in (("user", exchange.turn.request.message), ("assistant", exchange.answer))
        ]


Verdict = Literal["begins", "turn_in_progress", "idempotency_key_reused"] | Exchange


@dataclass
class Expected:
    """Everything that is kept. `leftovers` are sessions whose erasing was interrupted: gone, but not from the table.

    `answered` and `failed` are the turns that the ledger has booked; nothing is ever taken out of it.
    """

    sessions: dict[str, Session] = field(default_factory=dict)
    leftovers: list[str] = field(default_factory=list)
    answered: list[Exchange] = field(default_factory=list)
    failed: int = 0

    @property
    def kept(self) -> list[str]:
        """Every session that has anything in the table."""
        return [*self.sessions, *self.leftovers]

    def interrupted(self, now: dt.datetime) -> list[tuple[str, Turn]]:
        """Turns whose lease ran out and that nobody has come upon, with their sessions."""
        return [(session_id, turn) for session_id, turn in self.pending if turn.is_interrupted_at(now)]

    @property
    def pending(self) -> list[tuple[str, Turn]]:
        """The messages without an answer, with their sessions."""
        return [(session_id, session.pending) for session_id, session in self.sessions.items() if session.pending]

    def verdict(self, session_id: str | None, request: Request, now: dt.datetime) -> Verdict:
        """What becomes of a request; an exchange is replayed."""
        session = self.sessions.get(session_id or "")
        if session is None:
            return "begins"
        receipt = session.receipts.get(request.key)
        if receipt and receipt.until > now:
            return receipt.exchange if receipt.exchange.turn.request == request else "idempotency_key_reused"
        pending = session.pending
        if pending and request.key and pending.request.key == request.key and pending.request != request:
            return "idempotency_key_reused"
        if pending and pending.seen_at(now)[0] == "pending":
            return "turn_in_progress"
        return "begins"

    def begin(self, session_id: str, request: Request, now: dt.datetime) -> Turn:
        self.come_upon(session_id, now)
        self._forget_leftover(session_id)
        session = self.sessions.setdefault(session_id, Session(title=request.message))
        session.pending = Turn(request, now)
        return session.pending

    def session_of(self, turn: Turn) -> Session | None:
        """The session that waits for this turn; None when the turn was overtaken, stopped or erased."""
        waiting = (session for session in self.sessions.values() if session.pending is turn)
        return next(waiting, None) if turn.state == "pending" else None

    def commit(self, turn: Turn, exchange: Exchange, now: dt.datetime) -> bool:
        """Whether the turn could still be stored."""
        session = self.session_of(turn)
        if session is None:
            return False
        session.exchanges.append(exchange)
        session.pending = None
        if turn.request.key:
            session.receipts[turn.request.key] = Receipt(exchange, now + RECEIPT)
        self.answered.append(exchange)
        return True

    def fail(self, turn: Turn, error_code: str, partial: str | None) -> None:
        if self.session_of(turn):
            turn.state, turn.error_code, turn.partial = "failed", error_code, partial
            self.failed += 1

    def come_upon(self, session_id: str, now: dt.datetime) -> None:
        """Whatever takes a turn off its session books it first, if it was interrupted."""
        session = self.sessions.get(session_id)
        if session and session.pending and session.pending.is_interrupted_at(now):
            self.fail(session.pending, "interrupted", None)

    def clear(self, session_id: str, now: dt.datetime) -> None:
        self.come_upon(session_id, now)
        self.sessions[session_id].pending = None

    def erase(self, session_id: str, now: dt.datetime, *, to_its_end: bool) -> None:
        """Erases one of `kept`, at least for those who read."""
        self.come_upon(session_id, now)
        self.sessions.pop(session_id, None)
        self._forget_leftover(session_id)
        if not to_its_end:
            self.leftovers.append(session_id)

    def _forget_leftover(self, session_id: str) -> None:
        self.leftovers = [leftover for leftover in self.leftovers if leftover != session_id]
