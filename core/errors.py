"""The base of every error that a caller is told about."""


class ServiceError(Exception):
    """Something the caller is told about.

    `code` is stable and part of the API: the edge's table (`conversations/api/problems.py`) gives each its status.
    `retryable` says whether asking again can help, `retry_after` in how many seconds (None where nothing is known). The
    message of the exception is for the log and may hold vendor text.
    """

    code = "internal_error"
    retryable = False

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
