"""Messages: pages of them, the newest of them, and their end.

Those of an earlier incarnation of the session are passed over. There are some where the retention was changed: TTL may
then take a session's head before its messages.

Reads go through the low-level client: PynamoDB's model objects would cost as much again as the query itself.
"""

import datetime as dt
import random
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from pynamodb.constants import ITEM
from pynamodb.expressions.condition import Condition

from bedrock_client import Role
from conversations.domain import Message, Page, Said, Session
from conversations.store import cursors
from conversations.store.message_items import message_from_item
from conversations.store.tables import FIRST_MESSAGE_KEY, SESSION_KEY, MessageRow
from core.deadline import Deadline
from dynamodb_client.encoding import is_expired, stamp, text
from dynamodb_client.errors import StoreUnavailable
from dynamodb_client.faults import RETRY_AFTER_SECONDS, store_errors
from dynamodb_client.paging import every_item

# A Lambda answers with 6 MB at most, so a page ends there even when more messages were asked for.
PAGE_BYTES = 4 * 1024 * 1024
_CONTEXT_PAGE = 128
# Of a message in the context: a long one is read in a third of the time without the rest.
_SAID = ["Role", "Content", "ExpiresAt", "SessionCreatedAt"]
_BATCH = 25
_ANY_MESSAGE = MessageRow.timestamp >= FIRST_MESSAGE_KEY


def page(session: Session, *, limit: int, cursor: str | None, newest_first: bool, now: dt.datetime) -> Page[Message]:
    """At most `limit` messages in the order asked for, fewer when they are large. Raises InvalidCursor."""
    start = cursors.read(cursor, parts=1)[0] if cursor else None
    incarnation = stamp(session.created_at)
    rows: list[Message] = []
    size = 0
    for item in _items(session.session_id, _ANY_MESSAGE, newest_first=newest_first, start=start, chunk=limit + 1):
        if is_expired(item, now) or item["SessionCreatedAt"]["S"] != incarnation:
            continue
        message = message_from_item(item)
        size += len(message.content.encode())
        if len(rows) == limit or (rows and size > PAGE_BYTES):
            return Page(rows, cursors.write(stamp(rows[-1].timestamp)))
        rows.append(message)
    return Page(rows)


def get(session_id: str, timestamp: dt.datetime, *, now: dt.datetime) -> Message | None:
    """The message at this place of the session; None when there is none (any more)."""
    with store_errors():
        item = MessageRow.table().get_item(session_id, stamp(timestamp), consistent_read=True).get(ITEM)
    return message_from_item(item) if item and not is_expired(item, now) else None


def newest(session: Session, *, after: dt.datetime | None = None) -> Iterator[Said]:
    """What was said in the session, from the newest message back, read as far as it is asked for.

    With `after` it ends before the message with this timestamp. What has expired is told with the rest.
    """
    keys = MessageRow.timestamp > stamp(after) if after else _ANY_MESSAGE
    incarnation = stamp(session.created_at)
    for item in _items(session.session_id, keys, newest_first=True, chunk=_CONTEXT_PAGE, attributes=_SAID):
        if item["SessionCreatedAt"]["S"] != incarnation:  # and so is what is older
            return
        role: Role = "assistant" if item["Role"]["S"] == "assistant" else "user"
        expires_at = int(item["ExpiresAt"]["N"]) if "ExpiresAt" in item else None
        yield Said(role, item["Content"]["S"], expires_at)


def delete_all(session_id: str, incarnation: str, *, deadline: Deadline) -> None:
    """Deletes everything of one incarnation of a session but its head.

    What belongs to a later incarnation stays, so a slow erasure never touches a session that was begun again. Raises
    StoreUnavailable when the deadline comes first; the next call goes on where this one stopped.
    """
    start: dict[str, Any] | None = None
    while True:
        _check(deadline)
        with store_errors():
            answer = MessageRow.table().query(
                session_id,
                filter_condition=MessageRow.session_created_at == incarnation,
                attributes_to_get=["SessionId", "Timestamp"],
                consistent_read=True,
                exclusive_start_key=start,
            )
        keys = [item for item in answer["Items"] if text(item, "Timestamp") != SESSION_KEY]
        for first in range(0, len(keys), _BATCH):
            _delete_batch(keys[first : first + _BATCH], deadline=deadline)
        start = answer.get("LastEvaluatedKey")
        if not start:
            return


def _items(
    session_id: str,
    keys: Condition,
    *,
    newest_first: bool,
    chunk: int,
    start: str | None = None,
    attributes: list[str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Those with such keys, from behind the one with the timestamp `start`."""
    query = partial(
        MessageRow.table().query,
        session_id,
        range_key_condition=keys,
        consistent_read=True,
        scan_index_forward=not newest_first,
        limit=chunk,
        attributes_to_get=attributes,
    )
    return every_item(query, start={"SessionId": {"S": session_id}, "Timestamp": {"S": start}} if start else None)


def _delete_batch(keys: list[dict[str, Any]], *, deadline: Deadline) -> None:
    longest = 0.05
    while keys:
        _check(deadline)
        with store_errors():
            answer = MessageRow.table().batch_write_item(delete_items=keys)
        left = answer.get("UnprocessedItems", {}).get(MessageRow.Meta.table_name, [])
        keys = [request["DeleteRequest"]["Key"] for request in left]
        if keys:
            time.sleep(random.uniform(0, longest))  # noqa: S311  # jitter, not a secret
            longest = min(longest * 2, 1.0)


def _check(deadline: Deadline) -> None:
    if deadline.remaining() <= 0:
        raise StoreUnavailable("erasing is not finished", retry_after=RETRY_AFTER_SECONDS)
