"""What must hold of a session and the ledger, whatever went wrong, read from the tables and over HTTP."""

from itertools import pairwise
from typing import Any

import httpx

from conversations.store.tables import (
    FIRST_MESSAGE_KEY,
    RECEIPT_PREFIX,
    SESSION_KEY,
    MessageRow,
    ReceiptRow,
    SessionRow,
    SpendingRow,
    UsageRow,
)
from tests.conversations.hearing import SESSION

NOTHING: dict[str, Any] = {"messages": [], "pending": None}


def whole_history(api: httpx.Client, *, failures: int) -> dict[str, Any]:
    """The session's history, which agrees with itself, with the list of sessions, with its sums and with the ledger.

    `failures` is how many turns the ledger must know as failed. There is one owner and at most one session; without
    one the history is empty and so are the tables.
    """
    listed = api.get("/sessions").json()["sessions"]
    answer = api.get(f"/history/{SESSION}", params={"limit": 100})
    if answer.status_code == httpx.codes.NOT_FOUND:
        assert (listed, list(SessionRow.query(SESSION)), list(UsageRow.query("anonymous"))) == ([], [], [])
        return NOTHING
    history: dict[str, Any] = answer.json()
    state = history["pending"]["state"] if history["pending"] else "idle"
    assert [(row["message_count"], row["state"]) for row in listed] == [(len(history["messages"]), state)]
    rows = list(MessageRow.query(SESSION, MessageRow.timestamp >= FIRST_MESSAGE_KEY))
    _assert_whole_turns(rows)
    assert [(row.message_id, row.role, row.content) for row in rows] == [
        (message["message_id"], message["role"], message["content"]) for message in history["messages"]
    ]
    _assert_receipts(rows)
    _assert_sums(rows, failures=failures)
    return history


def _assert_whole_turns(rows: list[MessageRow]) -> None:
    """Questions and answers alternate, every turn is there once, and time goes on."""
    assert [row.role for row in rows] == ["user", "assistant"] * (len(rows) // 2)
    assert all(earlier.timestamp < later.timestamp for earlier, later in pairwise(rows))
    turns = [row.turn_id for row in rows[::2]]
    assert turns == [row.turn_id for row in rows[1::2]]
    assert len(set(turns)) == len(turns)
    assert len({row.message_id for row in rows}) == len(rows)
    assert all(row.content for row in rows)


def _assert_receipts(rows: list[MessageRow]) -> None:
    """Every receipt is that of an answer in the history."""
    answers = {(row.turn_id, row.timestamp) for row in rows[1::2]}
    receipts = list(ReceiptRow.query(SESSION, ReceiptRow.timestamp.startswith(RECEIPT_PREFIX)))
    assert {(receipt.turn_id, receipt.answer_timestamp) for receipt in receipts} <= answers


def _assert_sums(rows: list[MessageRow], *, failures: int) -> None:
    """Session and ledger hold the sums of the messages."""
    head = SessionRow.get(SESSION, SESSION_KEY)
    ledger = list(UsageRow.query("anonymous"))
    assert _spent(rows) == _spent([head]) == _spent(ledger)
    turns = len(rows) // 2
    assert (head.version or 0, head.message_count or 0) == (turns, 2 * turns)
    assert sum(row.turns or 0 for row in ledger) == turns
    assert sum(row.latency_ms or 0 for row in ledger) == sum(row.latency_ms or 0 for row in rows)
    assert sum(row.errors or 0 for row in ledger) == failures


def _spent(rows: list[MessageRow] | list[SessionRow] | list[UsageRow]) -> tuple[float, ...]:
    every: list[SpendingRow] = [*rows]
    return (
        sum(row.input_tokens or 0 for row in every),
        sum(row.output_tokens or 0 for row in every),
        sum(row.cache_read_tokens or 0 for row in every),
        sum(row.cache_write_tokens or 0 for row in every),
        sum(row.cost_nano_usd or 0 for row in every),
    )
