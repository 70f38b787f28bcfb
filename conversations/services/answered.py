"""What comes of a turn that went well."""

from dataclasses import dataclass

from access.budgets.budget import Standing
from conversations.domain import Message


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished turn: its session and the answer as the history has it. `replayed` if it was answered before.

    `standing` is that of the budget that paid for it; None where there is none, or nothing was paid.
    """

    session_id: str
    answer: Message
    replayed: bool = False
    standing: Standing | None = None
