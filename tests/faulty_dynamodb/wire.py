"""DynamoDB's wire format (AWS JSON 1.0): answers, the SDK's checksum of them, and refusals as the real one words them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import json
import zlib
from dataclasses import dataclass
from typing import Any

_SERVICE = "com.amazonaws.dynamodb.v20120810#"
_NAMESPACES = {"ThrottlingException": "com.amazon.coral.availability#"}
_STATUS = {"InternalServerError": 500}  # every other refusal is a 400

MESSAGES = {
    "InternalServerError": "Internal server error",
    "ProvisionedThroughputExceededException": (
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API."
    ),
    "ThrottlingException": "Rate of requests exceeds the allowed throughput.",
    "TransactionConflictException": "Transaction is ongoing for the item",
    "TransactionInProgressException": "The transaction with the given request token is already in progress.",
}
REASONS = {
    "ThrottlingError": "Throughput exceeds the current capacity of your table or index.",
    "TransactionConflict": "Transaction is ongoing for the item",
}


@dataclass(frozen=True)
class Answer:
    """A status, headers and a body; `x-amz-crc32` is of these very bytes, because the SDK checks it."""

    status: int
    headers: dict[str, str]
    body: bytes


def json_answer(status: int, body: dict[str, Any]) -> Answer:
    """An answer as DynamoDB frames it."""
    content = json.dumps(body).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "x-amzn-RequestId": "FAULTYDYNAMODB" + "0" * 38,
        "x-amz-crc32": str(zlib.crc32(content)),
    }
    return Answer(status, headers, content)


def refusal(code: str) -> Answer:
    """The request is refused with this exception and was not carried out."""
    kind = _NAMESPACES.get(code, _SERVICE) + code
    return json_answer(_STATUS.get(code, 400), {"__type": kind, "message": MESSAGES[code]})


def cancelled(reason: str, actions: int) -> Answer:
    """A transaction of so many actions is cancelled because of the last of them; the others have no complaint."""
    reasons = [{"Code": "None"} for _ in range(actions - 1)] + [{"Code": reason, "Message": REASONS[reason]}]
    codes = ", ".join(entry["Code"] for entry in reasons)
    body = {
        "__type": f"{_SERVICE}TransactionCanceledException",
        "Message": f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        "CancellationReasons": reasons,
    }
    return json_answer(400, body)
