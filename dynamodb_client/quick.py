"""DynamoDB's item operations, called without the SDK's work around a call.

The first attempt of each is made here. What answers it is a whole answer, or a refusal that says something about the
item; for everything else (throttled, unreachable, an answer that cannot be read, credentials that are over) the SDK's
client makes the call again, with its own retries and its own words for what went wrong.
"""

import logging
import uuid
import zlib
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from core.http_exchange import Answer
from core.quick_calls import QuickCalls
from dynamodb_client.answers import OPERATIONS
from dynamodb_client.faults import ANSWERS
from dynamodb_client.throttles import count_throttled

logger = logging.getLogger("dynamodb_client")

_CONTENT_TYPE = "application/x-amz-json-1.0"
_TARGET = "DynamoDB_20120810"
_OK, _REFUSED = 200, 400
# What a refusal says beside its code: the item that refused, and the reason of each action of a transaction.
_DETAILS = ("Item", "CancellationReasons")


class QuickClient:
    """The SDK's client `sdk`, with its item operations made quick. Everything else is the SDK's."""

    def __init__(self, sdk: Any, calls: QuickCalls | None) -> None:  # noqa: ANN401  # its class is made at run time
        self.sdk, self.calls = sdk, calls

    def _make_api_call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """PynamoDB's door to a client. Raises botocore's errors."""
        if operation == "TransactWriteItems":
            # One token for every attempt, here and by the SDK, so that the transaction is written once.
            arguments = {"ClientRequestToken": str(uuid.uuid4()), **arguments}
        if self.calls and operation in OPERATIONS:
            answer = _first_attempt(self.calls, operation, arguments)
            if answer is not None:
                return answer
        made: dict[str, Any] = self.sdk._make_api_call(operation, arguments)  # noqa: SLF001  # as PynamoDB calls it
        return made

    def close(self) -> None:
        """Closes the connections of both."""
        if self.calls:
            self.calls.close()
        self.sdk.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever botocore's client has
        return getattr(self.sdk, name)


def _first_attempt(calls: QuickCalls, operation: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """The answer; None when the call is the SDK's to make. Raises ClientError for a refusal that says something."""
    try:
        body = orjson.dumps(arguments)
        response = calls.post("/", body, {"content-type": _CONTENT_TYPE, "x-amz-target": f"{_TARGET}.{operation}"})
        answer = _read(response)
    except (HTTPError, BotoCoreError, TypeError, ValueError) as error:
        logger.info("%s is made again by the SDK: %s", operation, type(error).__name__)
        return None
    if response.status == _OK:
        return answer
    code = str(answer.get("__type", "")).rpartition("#")[2]
    if response.status == _REFUSED and code in ANSWERS:
        raise _refusal(code, answer, response, operation)
    count_throttled(code)
    logger.info("%s is made again by the SDK: %s %s", operation, response.status, code)
    return None


def _read(response: Answer) -> dict[str, Any]:
    """Raises urllib3's errors, ValueError for a body that is not what was sent, TypeError for one that is no object."""
    body = response.whole()
    checksum = response.headers.get("x-amz-crc32")
    if checksum is not None and int(checksum) != zlib.crc32(body):
        raise ValueError("the checksum differs")
    answer = orjson.loads(body)
    if not isinstance(answer, dict):
        raise TypeError("not an object")
    return answer


def _refusal(code: str, answer: dict[str, Any], response: Answer, operation: str) -> ClientError:
    said: Any = {
        "Error": {"Code": code, "Message": answer.get("message") or answer.get("Message") or ""},
        "ResponseMetadata": {
            "RequestId": response.headers.get("x-amzn-requestid", ""),
            "HTTPStatusCode": response.status,
            "HTTPHeaders": response.headers,
            "RetryAttempts": 0,
        },
        **{name: answer[name] for name in _DETAILS if name in answer},
    }
    return ClientError(said, operation)
