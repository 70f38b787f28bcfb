"""Receipts: what makes a request with an Idempotency-Key safe to send again.

A receipt is written by the transaction that commits its turn, so it is there exactly when the answer is. Keys are known
to their session alone.
"""

import datetime as dt
from typing import Any

from pynamodb.constants import ITEM

from conversations.domain import Message, Receipt, Turn
from conversations.store.tables import RECEIPT_PREFIX, ReceiptRow
from dynamodb_client.encoding import is_expired, moment, stamp, text
from dynamodb_client.faults import store_errors

KEEP_HOURS = 24


def find(session_id: str, key: str, *, now: dt.datetime) -> Receipt | None:
    """The receipt of a key; None when no turn with it was answered in the last 24 hours."""
    with store_errors():
        item = ReceiptRow.table().get_item(session_id, RECEIPT_PREFIX + key, consistent_read=True).get(ITEM)
    if item is None or is_expired(item, now):
        return None
    return Receipt(
        fingerprint=text(item, "Fingerprint"),
        session_created_at=moment(text(item, "SessionCreatedAt")),
        answer_timestamp=moment(text(item, "AnswerTimestamp")),
    )


def put_request(turn: Turn, answer: Message, *, now: dt.datetime) -> dict[str, Any]:
    """The write that stores the receipt, on the condition that there is none yet."""
    row = ReceiptRow(
        turn.session.session_id,
        RECEIPT_PREFIX + turn.pending.key,
        session_created_at=stamp(turn.session.created_at),
        fingerprint=turn.pending.fingerprint,
        turn_id=turn.pending.turn_id,
        answer_timestamp=stamp(answer.timestamp),
        expires_at=int((now + dt.timedelta(hours=KEEP_HOURS)).timestamp()),
    )
    is_new = ReceiptRow.session_id.does_not_exist() | (ReceiptRow.expires_at <= int(now.timestamp()))
    request: dict[str, Any] = row.get_save_kwargs_from_instance(condition=is_new)
    return request
