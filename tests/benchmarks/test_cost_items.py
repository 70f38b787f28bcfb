"""The sizes that the calculator reckons with are those of what real turns leave, and of what is answered."""

from typing import Any

import httpx
import pytest
from django.conf import settings

from benchmarks.cost import everywhere, turn_items
from conversations.store.tables import RECEIPT_PREFIX, SESSION_KEY, ActivityIndex, OwnerIndex
from dynamodb_client.client import dynamodb_client
from tests.scripted_bedrock import ScriptedBedrock, Tokens

Item = dict[str, Any]
QUESTION, PIECE, PIECES = "Why? " * 80, "Because. ", 133
SESSION = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
KEY = "0b4b9a3e-6a54-4a6c-9f0a-1d8b7a1c2f0"


def value_bytes(value: Item) -> int:
    """A value's size as DynamoDB counts it; two digits of a number take a byte."""
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held) // 2 + 2
        case "SS":
            return sum(len(text.encode()) for text in held)
        case "M":
            return 3 + sum(1 + len(name) + value_bytes(part) for name, part in held.items())
    raise AssertionError(kind)


def item_bytes(item: Item) -> int:
    return sum(len(name) + value_bytes(value) for name, value in item.items())


def stored(table: str, **which: str) -> list[Item]:
    items: list[Item] = dynamodb_client().scan(TableName=table, **which)["Items"]
    return items


def entry_bytes(index: str) -> int:
    (entry,) = stored(settings.CONVERSATIONS_TABLE, IndexName=index)
    return item_bytes(entry)


def session_item() -> Item:
    (item,) = (item for item in stored(settings.CONVERSATIONS_TABLE) if item["Timestamp"]["S"] == SESSION_KEY)
    return item


def is_close(reckoned: int, real: int) -> bool:
    """Not less than it really is, and not much more: other owners, models and titles have other lengths."""
    return real <= reckoned <= real * 1.3


@pytest.fixture
def answers(api: httpx.Client, bedrock: ScriptedBedrock) -> list[httpx.Response]:
    """Two turns with an Idempotency-Key: JSON, and a stream in pieces of two tokens."""
    bedrock.reply(PIECE * PIECES, usage=Tokens(1500, 266))
    bedrock.stream(*([PIECE] * PIECES), usage=Tokens(1500, 266))
    order = {"message": QUESTION, "session_id": SESSION}
    return [
        api.post("/chat", json=order | {"stream": stream}, headers={"Idempotency-Key": f"{KEY}{stream:d}"})
        for stream in (False, True)
    ]


def test_messages_receipts_and_ledger_are_as_large_as_reckoned(answers: list[httpx.Response]) -> None:
    items = stored(settings.CONVERSATIONS_TABLE)
    texts = {"user": QUESTION.strip(), "assistant": (PIECE * PIECES).strip()}
    beside = {
        role: {item_bytes(item) - len(item["Content"]["S"]) for item in items if item.get("Role") == {"S": role}}
        for role in texts
    }
    receipts = {item_bytes(item) for item in items if item["Timestamp"]["S"].startswith(RECEIPT_PREFIX)}
    (ledger,) = stored(settings.USAGE_TABLE)

    assert all(is_close(turn_items.QUESTION_BYTES, real) for real in beside["user"])
    assert all(is_close(turn_items.ANSWER_BYTES, real) for real in beside["assistant"])
    assert all(is_close(turn_items.RECEIPT_BYTES, real) for real in receipts)
    assert is_close(turn_items.LEDGER_BYTES, item_bytes(ledger))


def test_sessions_are_as_large_as_reckoned_between_turns_and_in_one(
    answers: list[httpx.Response], api: httpx.Client, bedrock: ScriptedBedrock
) -> None:
    idle = item_bytes(session_item())
    bedrock.fail("ValidationException")
    order = {"message": QUESTION, "session_id": SESSION}
    assert api.post("/chat", json=order, headers={"Idempotency-Key": f"{KEY}2"}).status_code >= 400
    pending = item_bytes(session_item()) - idle - len(QUESTION)
    entries = entry_bytes(OwnerIndex.Meta.index_name) + entry_bytes(ActivityIndex.Meta.index_name)

    assert is_close(turn_items.SESSION_BYTES, idle)
    assert is_close(turn_items.PENDING_BYTES, pending)
    assert is_close(turn_items.ENTRIES_BYTES, entries)


def test_answers_are_as_large_as_reckoned(answers: list[httpx.Response]) -> None:
    heads = [sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items()) for answer in answers]
    plain, stream = (head + len(answer.content) for head, answer in zip(heads, answers, strict=True))
    text = len(PIECE) * PIECES

    assert plain <= text + everywhere.ANSWER_BYTES <= plain * 1.3
    reckoned = 2 * text + PIECES * everywhere.PIECE_BYTES + everywhere.ANSWER_BYTES
    assert stream <= reckoned <= stream * 1.3
