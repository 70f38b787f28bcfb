"""DynamoDB's answers to reads and writes of items, taken from their JSON as it stands.

botocore walks through every value of every item and makes the very same dictionaries of them; that is most of what a
large answer costs (docs/PERFORMANCE.md). It lets handlers of its `before-parse` event put parts of an answer into
place, and does the rest: errors, metadata and every other operation are its own work. The two differ in binary values
alone, which stay base64 here; no table of ours has any.
"""

import json
from typing import Any

OPERATIONS = (
    *("GetItem", "BatchGetItem", "Query"),
    *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
)
_OK = 200


def take_as_they_stand(client: Any) -> None:  # noqa: ANN401  # botocore makes the client's class at run time
    """From now on, for this client's item operations."""
    for operation in OPERATIONS:
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _take)


def _take(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """A body that is not what it should be is left to botocore, which knows how to complain."""
    if response_dict["status_code"] != _OK:
        return
    try:
        answer = json.loads(response_dict["body"])
    except ValueError:
        return
    if isinstance(answer, dict):
        customized_response_dict.update(answer)
        response_dict["body"] = b"{}"
