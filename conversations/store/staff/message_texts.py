"""What was said in a session lately, as text alone: what a search for words reads."""

import datetime as dt
from dataclasses import dataclass

from conversations.store.tables import FIRST_MESSAGE_KEY, MessageRow
from dynamodb_client.encoding import is_expired, text
from dynamodb_client.faults import store_errors


@dataclass(frozen=True, slots=True)
class Texts:
    """The newest messages; `is_all` when the session has no others."""

    contents: list[str]
    is_all: bool


def newest(session_id: str, *, limit: int, now: dt.datetime) -> Texts:
    """At most `limit` messages, and at most one page of DynamoDB's (1 MB). Raises StoreUnavailable."""
    with store_errors():
        answer = MessageRow.table().query(
            session_id,
            range_key_condition=MessageRow.timestamp >= FIRST_MESSAGE_KEY,
            attributes_to_get=["Content", "ExpiresAt"],
            scan_index_forward=False,
            limit=limit,
        )
    contents = [text(item, "Content") for item in answer["Items"] if not is_expired(item, now)]
    return Texts(contents, is_all="LastEvaluatedKey" not in answer)
