"""Sessions and a ledger by the hundred thousand, written to DynamoDB as turns would have left them."""

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from conversations.store.tables import (
    ACTIVITY_SHARDS,
    SESSION_KEY,
    USAGE_SHARDS,
    MessageRow,
    SessionRow,
    UsageRow,
    shard_of,
)
from dynamodb_client.client import dynamodb_client
from dynamodb_client.encoding import stamp

DAYS = 30
OWNERS = 1_000
MODELS = ("us.amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0")
LONG_SESSION, LONG_OWNER, MESSAGES = "long-session", "owner-0", 10_000
_BATCH, _WRITERS, _TRIES = 25, 4, 10

Item = dict[str, Any]


def seed(sessions: int, *, now: dt.datetime) -> None:
    """Writes the sessions with their share of the ledger, spread over DAYS days, and one of MESSAGES messages."""
    plan = random.Random(0)  # noqa: S311  # the same sessions every time
    ages = [plan.random() * DAYS for _ in range(sessions)]
    with ThreadPoolExecutor(_WRITERS) as pool:
        for table, items in (
            (SessionRow.Meta.table_name, (_head(number, age, now) for number, age in enumerate(ages))),
            (UsageRow.Meta.table_name, (_booked(number, age, now) for number, age in enumerate(ages))),
            (MessageRow.Meta.table_name, (_message(number, now) for number in range(MESSAGES))),
        ):
            for _ in pool.map(lambda batch, table=table: _write(table, batch), _batches(items)):
                pass
        _write(SessionRow.Meta.table_name, [_long_head(now)])


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _write(table: str, items: list[Item]) -> None:
    unwritten: Any = {table: [{"PutRequest": {"Item": item}} for item in items]}
    for _ in range(_TRIES):
        unwritten = dynamodb_client().batch_write_item(RequestItems=unwritten).get("UnprocessedItems")
        if not unwritten:
            return
    raise RuntimeError("DynamoDB did not take a batch")


def _head(number: int, age: float, now: dt.datetime) -> Item:
    session_id, at = f"session-{number:06}", now - dt.timedelta(days=age)
    is_stuck = number % 1000 == 0
    return _session(session_id, _owner(number), at, messages=2 + number % 20, state="pending" if is_stuck else "idle")


def _long_head(now: dt.datetime) -> Item:
    return _session(LONG_SESSION, LONG_OWNER, now, messages=MESSAGES, state="idle")


def _session(session_id: str, owner: str, at: dt.datetime, *, messages: int, state: str) -> Item:
    return {
        "SessionId": {"S": session_id},
        "Timestamp": {"S": SESSION_KEY},
        "Owner": {"S": owner},
        "Title": {"S": f"What {session_id} is about"},
        "CreatedAt": {"S": stamp(at)},
        "UpdatedAt": {"S": stamp(at)},
        "ActivityDay": {"S": f"{at.date()}#{shard_of(session_id, ACTIVITY_SHARDS)}"},
        "State": {"S": state},
        "Version": {"N": str(messages // 2)},
        "MessageCount": {"N": str(messages)},
        "Models": {"SS": [MODELS[0]]},
        **_spent(messages),
    }


def _booked(number: int, age: float, now: dt.datetime) -> Item:
    day, shard = (now - dt.timedelta(days=age)).date(), shard_of(f"session-{number:06}", USAGE_SHARDS)
    return {
        "Owner": {"S": _owner(number)},
        "DayModelShard": {"S": f"{day}#{MODELS[number % len(MODELS)]}#{shard}"},
        "DayShard": {"S": f"{day}#{shard}"},
        "Turns": {"N": "3"},
        "LatencyMs": {"N": "3600"},
        **_spent(number % 20),
    }


def _message(number: int, now: dt.datetime) -> Item:
    at = stamp(now - dt.timedelta(seconds=MESSAGES - number))
    is_answer = number % 2 == 1
    return {
        "SessionId": {"S": LONG_SESSION},
        "Timestamp": {"S": at},
        "SessionCreatedAt": {"S": stamp(now)},
        "MessageId": {"S": f"{number:032}"},
        "TurnId": {"S": f"{number // 2:032}"},
        "Role": {"S": "assistant" if is_answer else "user"},
        "Content": {"S": "Some **words** and `code` of an answer, a [link](https://example.com).\n\n" * 5},
        "CreatedAt": {"S": at},
        "ModelId": {"S": MODELS[0]},
        **(_spent(1) | {"LatencyMs": {"N": "1200"}} if is_answer else {}),
    }


def _owner(number: int) -> str:
    return f"owner-{number % OWNERS}"


def _spent(of: int) -> Item:
    return {
        "InputTokens": {"N": str(1000 * of)},
        "OutputTokens": {"N": str(100 * of)},
        "CacheReadTokens": {"N": str(10 * of)},
        "CostNanoUsd": {"N": str(1_120_000 * of)},
    }
