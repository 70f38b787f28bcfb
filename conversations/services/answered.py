"""What comes of a turn that went well."""

from dataclasses import dataclass

from conversations.domain import Message


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished turn: its session and the answer as the history has it. `replayed` if it was answered before."""

    session_id: str
    answer: Message
    replayed: bool = False
