"""What can go wrong in a conversation. The edge's table (`api/problems.py`) gives each its status."""


class ConversationError(Exception):
    """Something the caller is told about.

    `code` is stable and part of the API; `retryable` says whether asking again can help, `retry_after` in how many
    seconds. The message of the exception is for the log.
    """

    code = "conversation_error"
    retryable = False

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


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


class StoreUnavailable(ConversationError):
    """DynamoDB cannot be reached, throttles, or the table is not there."""

    code = "store_unavailable"
    retryable = True
