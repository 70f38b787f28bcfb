"""A random sample of sessions from a restored table."""

import random
import time
from collections.abc import Iterator
from typing import Any

from deployment.restore_drill.client import Client

SESSION_KEY = "#session"
FIRST_MESSAGE_KEY = "0"
# A scan's segment is a range of the hashes of partition keys, so a random one holds random sessions.
_SEGMENTS = 100
# Of one segment at most this many pages of 1 MB are read.
_PAGES = 4

Item = dict[str, Any]


def sample(client: Client, table: str, wanted: int) -> list[Item]:
    """The heads of that many sessions, or of all where there are fewer; none that is being erased or has expired."""
    chosen: list[Item] = []
    for segment in random.sample(range(_SEGMENTS), _SEGMENTS):
        if len(chosen) >= wanted:
            break
        heads = [head for head in _heads(client, table, segment) if not _is_over(head)]
        chosen += random.sample(heads, min(len(heads), max(1, wanted // 4)))
    return chosen[:wanted]


def head(client: Client, table: str, session_id: Item) -> Item | None:
    """A session's head item; None where the session is not there."""
    key = {"SessionId": session_id, "Timestamp": {"S": SESSION_KEY}}
    found: Item | None = client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    return found


def messages(client: Client, table: str, session_id: Item) -> list[Item]:
    """A session's messages, oldest first, but for those that have expired: TTL deletes them when it likes."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="SessionId = :session AND #timestamp >= :first",
        ExpressionAttributeNames={"#timestamp": "Timestamp"},
        ExpressionAttributeValues={":session": session_id, ":first": {"S": FIRST_MESSAGE_KEY}},
        ConsistentRead=True,
    )
    return [item for page in pages for item in page["Items"] if not is_expired(item)]


def is_expired(item: Item) -> bool:
    return "ExpiresAt" in item and int(item["ExpiresAt"]["N"]) <= time.time()


def _is_over(head: Item) -> bool:
    return "ErasingSince" in head or is_expired(head)


def _heads(client: Client, table: str, segment: int) -> Iterator[Item]:
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        Segment=segment,
        TotalSegments=_SEGMENTS,
        FilterExpression="#timestamp = :session",
        ExpressionAttributeNames={"#timestamp": "Timestamp"},
        ExpressionAttributeValues={":session": {"S": SESSION_KEY}},
    )
    for _, page in zip(range(_PAGES), pages, strict=False):
        yield from page["Items"]
