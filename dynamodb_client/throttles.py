"""Each answer by which DynamoDB throttles is counted: to a first attempt, and to the attempts of the SDK."""

from typing import Any

from dynamodb_client.faults import THROTTLED
from telemetry.metrics import STORE_THROTTLES


def count_throttled(code: str) -> None:
    """Counts an answer whose error is `code`, if that says that the table is throttled."""
    if code in THROTTLED:
        STORE_THROTTLES.add()


def count_throttles(client: Any) -> None:  # noqa: ANN401  # botocore makes the client's class at run time
    """From now on, for every attempt that this client of the SDK makes."""
    client.meta.events.register("response-received.dynamodb", _received)


def _received(parsed_response: dict[str, Any] | None, **_: object) -> None:
    """`parsed_response` is None where no answer came."""
    count_throttled(((parsed_response or {}).get("Error") or {}).get("Code", ""))
