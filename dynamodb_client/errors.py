"""What can go wrong with any table."""

from core.errors import ServiceError


class StoreUnavailable(ServiceError):
    """DynamoDB cannot be reached, throttles, or the table is not there."""

    code = "store_unavailable"
    retryable = True
