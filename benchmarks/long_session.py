"""A session of 50 turns as DynamoDB holds it."""

import datetime as dt
import json
import operator
from functools import lru_cache
from typing import Any

from benchmarks.words import sentence

Item = dict[str, Any]

TURNS = 50
# Ids that begin so have 50 turns behind them when they are first seen.
LONG_PREFIXES = ("long-", "warm-")

_MODEL = "us.amazon.nova-pro-v1:0"
_BEGAN = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
# Keeps the place of the session's id in answers that are encoded once.
_ANY_SESSION = "any-session-id"


def head(turns: int) -> Item:
    """What the session item holds after so many turns, beside what every begin of a turn writes."""
    return {
        "Title": {"S": sentence(0, shortest=40, longest=60)},
        "CreatedAt": {"S": _stamp(0)},
        "LastTimestamp": {"S": _stamp(2 * turns - 1)},
        "Version": {"N": str(turns)},
        "MessageCount": {"N": str(2 * turns)},
        "Models": {"SS": [_MODEL]},
        "LastPromptTokens": {"N": "9000"},
        "LastPromptEstimate": {"N": "9000"},
    }


def page(session_id: str, *, forward: bool, limit: int | None, after: str | None) -> bytes:
    """The body of a Query's answer: at most `limit` messages behind the one with the timestamp `after`."""
    return _page(forward, limit, after).replace(_ANY_SESSION.encode(), session_id.encode())


@lru_cache(maxsize=64)
def _page(forward: bool, limit: int | None, after: str | None) -> bytes:
    items = [_message(number) for number in range(2 * TURNS)]
    if not forward:
        items.reverse()
    if after:
        is_behind = operator.gt if forward else operator.lt
        items = [item for item in items if is_behind(_at(item), after)]
    cut = items[:limit] if limit else items
    answer: dict[str, Any] = {"Items": cut, "Count": len(cut), "ScannedCount": len(cut)}
    if len(cut) < len(items):
        answer["LastEvaluatedKey"] = {"SessionId": {"S": _ANY_SESSION}, "Timestamp": {"S": _at(cut[-1])}}
    return json.dumps(answer).encode()


def _message(number: int) -> Item:
    turn, is_answer = divmod(number, 2)
    item = {
        "SessionId": {"S": _ANY_SESSION},
        "Timestamp": {"S": _stamp(number)},
        "SessionCreatedAt": {"S": _stamp(0)},
        "MessageId": {"S": f"{turn:032x}-{'a' if is_answer else 'q'}"},
        "TurnId": {"S": f"{turn:032x}"},
        "Role": {"S": "assistant" if is_answer else "user"},
        "Content": {"S": sentence(number, shortest=200, longest=400)},
        "CreatedAt": {"S": _stamp(number)},
        "ModelId": {"S": _MODEL},
    }
    return item | _USAGE if is_answer else item


_USAGE = {
    "InputTokens": {"N": "4000"},
    "OutputTokens": {"N": "80"},
    "CacheReadTokens": {"N": "0"},
    "CacheWriteTokens": {"N": "0"},
    "CostNanoUsd": {"N": "3456000"},
    "PriceVersion": {"S": "2026-11-01"},
    "StopReason": {"S": "end_turn"},
    "LatencyMs": {"N": "400"},
}


def _at(item: Item) -> str:
    timestamp: str = item["Timestamp"]["S"]
    return timestamp


def _stamp(number: int) -> str:
    """When the message with this number was said, a minute after the one before."""
    return (_BEGAN + dt.timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
