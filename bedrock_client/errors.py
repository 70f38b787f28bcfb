"""What can become of a model call. Each class says what happened and whether asking again can help.

The message of an exception is for the log and may hold vendor text; what a caller is told is decided at the edge.
"""

from core.errors import ServiceError

from .values import Usage


class BedrockError(ServiceError):
    """A model call that brought no answer. `usage` is what Bedrock billed all the same, as far as it said so."""

    code = "model_error"

    def __init__(self, message: str = "", *, retry_after: float | None = None, usage: Usage | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.usage = usage or Usage()


class ModelError(BedrockError):
    """The model failed, gave an empty reply twice, or refused our request as invalid."""

    code = "model_error"


class EmptyReply(ModelError):
    """The model ended its turn without a word for the caller."""


class UnreadableAnswer(ModelError):
    """What came back is not of the shape that Bedrock's reference gives it."""


class ModelThrottled(BedrockError):
    """Bedrock said "too many requests" or "not ready" until the deadline, whichever region and model was asked."""

    code = "model_throttled"
    retryable = True


class ModelUnavailable(BedrockError):
    """Bedrock could not be reached, or answered with server errors, until the deadline."""

    code = "model_unavailable"
    retryable = True


class ModelUnreachable(ModelUnavailable):
    """No answer of any kind: no address, no connection, no TLS, or a connection that broke."""


class ModelAccessDenied(BedrockError):
    """Our credentials, or our account's access to the model, do not suffice."""

    code = "model_access_denied"


class ContentBlocked(BedrockError):
    """The model's filters or a guardrail blocked the question or the answer."""

    code = "content_blocked"


class CallStopped(BedrockError):
    """The call was stopped on purpose."""

    code = "turn_cancelled"


class DeadlineExceeded(BedrockError):
    """The turn's time ran out while the model was working."""

    code = "deadline_exceeded"
    retryable = True

    def __init__(self, message: str = "", *, retry_after: float | None = 1.0, usage: Usage | None = None) -> None:
        # Nothing says that the next try will be as slow, so the shortest honest wait.
        super().__init__(message, retry_after=retry_after, usage=usage)
