"""Why a caller is not let in, or not any further. The edge gives each its status.

Messages are for the log. They are our own words: nothing of a token, a key or a header that was sent stands in them.
"""

from core.errors import ServiceError


class AccessError(ServiceError):
    """A request that is refused for the sake of who sends it."""

    code = "not_authenticated"


class InvalidCredentials(AccessError):
    """Credentials that are not good: malformed, forged, expired, revoked, or meant for somebody else."""


class IssuerUnavailable(AccessError):
    """Whoever publishes the keys cannot be asked now, and no known key fits, so nobody can say if the token is good."""

    code = "issuer_unavailable"
    retryable = True


class RateLimited(AccessError):
    """More requests, or more turns at once, than this caller may have."""

    code = "rate_limited"
    retryable = True


class BudgetExhausted(AccessError):
    """What the turn may cost is more than is left of the caller's budget for the month."""

    code = "budget_exhausted"
    retryable = True
