"""What can go wrong in a conversation. The edge's table (`api/problems.py`) gives each its status."""

from core.errors import ServiceError


class ConversationError(ServiceError):
    """Something that went wrong in a conversation."""

    code = "conversation_error"


class SessionNotFound(ConversationError):
    """There is no such session, or it is somebody else's: nobody can tell which."""

    code = "session_not_found"


class TurnInProgress(ConversationError):
    """Another message of this session is being answered."""

    code = "turn_in_progress"
    retryable = True


class TurnOvertaken(ConversationError):
    """This turn took longer than its lease and another one has begun, so its answer was not kept."""

    code = "deadline_exceeded"
    retryable = True


class TurnCancelled(ConversationError):
    """The turn was stopped on its caller's behalf, and its answer was not kept."""

    code = "turn_cancelled"


class IdempotencyKeyReused(ConversationError):
    """The session knows this Idempotency-Key from a different request."""

    code = "idempotency_key_reused"


class UnknownModel(ConversationError):
    """The model does not exist or may not be used here."""

    code = "unknown_model"


class InvalidCursor(ConversationError):
    """The cursor is not one that this service gave out."""

    code = "invalid_request"


class UsageIncomplete(ConversationError):
    """Closed days of the ledger are not copied yet; asking again copies more of them."""

    code = "usage_incomplete"
    retryable = True
