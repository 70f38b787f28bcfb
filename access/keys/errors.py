"""What can go wrong where keys are managed. Staff see the messages; callers of the API never meet these."""


class InvalidField(ValueError):
    """A value that a key cannot have. `field` names the argument it was given as; the message says what is allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class KeyNotFound(LookupError):
    """No key has this public id."""


class KeyNotActive(ValueError):
    """The key is expired, revoked or rotated already, so nothing can take its place."""
