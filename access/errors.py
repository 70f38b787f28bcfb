"""Why a caller is not let in. The edge gives each its status.

Messages are for the log. They are our own words: nothing of a token, a key or a header that was sent stands in them.
"""

from core.errors import ServiceError


class AccessError(ServiceError):
    """A request whose caller could not be established."""

    code = "not_authenticated"


class InvalidCredentials(AccessError):
    """Credentials that are not good: malformed, forged, expired, revoked, or meant for somebody else."""


class IssuerUnavailable(AccessError):
    """Whoever publishes the keys cannot be asked now, and no known key fits, so nobody can say if the token is good."""

    code = "issuer_unavailable"
    retryable = True
