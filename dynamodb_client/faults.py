"""From what the SDK raises to what a service understands."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from dynamodb_client.errors import StoreUnavailable

RETRY_AFTER_SECONDS = 2
CONDITION_FAILED = "ConditionalCheckFailedException"
TRANSACTION_CANCELLED = "TransactionCanceledException"

_CONFLICTS = frozenset({"TransactionConflictException", "TransactionInProgressException"})
# Reasons of a cancelled transaction that pass by themselves.
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
THROTTLED = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "ThrottlingError"}
)
# Answers of a healthy table. The last three: a malformed request of ours, a fault to be seen and not an outage.
ANSWERS = _CONFLICTS | {
    CONDITION_FAILED,
    TRANSACTION_CANCELLED,
    "ValidationException",
    "SerializationException",
    "IdempotentParameterMismatchException",
}

SDKError = (PynamoDBException, BotoCoreError, ClientError)


def error_code(error: BaseException) -> str:
    """DynamoDB's code for what went wrong; empty for a connection error."""
    cause = getattr(error, "cause", None) or error
    response = getattr(cause, "response", None) or {}
    code: str = response.get("Error", {}).get("Code", "")
    return code


def is_conflict(error: BaseException) -> bool:
    """Whether another writer was merely in the way, so that the same write may succeed in a moment."""
    code = error_code(error)
    if code == TRANSACTION_CANCELLED and isinstance(error, TransactWriteError):
        reasons = {reason.code for reason in error.cancellation_reasons if reason}
        return bool(reasons) and reasons <= _PASSING
    return code in _CONFLICTS


def outcome_of(error: BaseException) -> str:
    """How a call ended that did not go well, in the words of `telemetry.calls.store_call`."""
    code = error_code(error)
    if is_conflict(error):
        return "conflict"
    if code in (CONDITION_FAILED, TRANSACTION_CANCELLED):
        return "refused"
    return "throttled" if code in THROTTLED else "error"


@contextmanager
def store_errors() -> Iterator[None]:
    """Raises StoreUnavailable for a table that cannot be reached, throttles or is missing; answers pass through."""
    try:
        yield
    except SDKError as error:
        code = error_code(error)
        if code in ANSWERS:
            raise
        raise StoreUnavailable(code or type(error).__name__, retry_after=RETRY_AFTER_SECONDS) from error
