"""The messages of a session of any length as DynamoDB holds them."""

import bisect
import json
from functools import lru_cache
from typing import Any

from benchmarks.session_items import MODEL, Item, stamp, turns_behind
from benchmarks.words import sentence

# Keeps the place of the session's id in answers that are encoded once.
_ANY_SESSION = "any-session-id"


def page(
    session_id: str,
    *,
    forward: bool,
    limit: int | None,
    after: str | None,
    only: frozenset[str] = frozenset(),
    newest_turn: bool = False,
) -> bytes:
    """The body of a Query's answer: at most `limit` messages behind the one with the timestamp `after`.

    `only` names the attributes that are asked for; none asks for all. With `newest_turn` there is nothing older.
    """
    turns = turns_behind(session_id)
    whole = _page(range(2 * (turns - 1) if newest_turn else 0, 2 * turns), forward, limit, after, only)
    return whole.replace(_ANY_SESSION.encode(), session_id.encode())


@lru_cache(maxsize=64)
def _page(numbers: range, forward: bool, limit: int | None, after: str | None, only: frozenset[str]) -> bytes:
    if after and forward:
        numbers = numbers[bisect.bisect_right(numbers, after, key=stamp) :]
    elif after:
        numbers = numbers[: bisect.bisect_left(numbers, after, key=stamp)]
    if not forward:
        numbers = numbers[::-1]
    cut = numbers[:limit] if limit else numbers
    answer: dict[str, Any] = {
        "Items": [_projected(_message(number), only) for number in cut],
        "Count": len(cut),
        "ScannedCount": len(cut),
    }
    if len(cut) < len(numbers):
        answer["LastEvaluatedKey"] = {"SessionId": {"S": _ANY_SESSION}, "Timestamp": {"S": stamp(cut[-1])}}
    return json.dumps(answer).encode()


def _projected(item: Item, only: frozenset[str]) -> Item:
    return {name: value for name, value in item.items() if name in only} if only else item


def _message(number: int) -> Item:
    turn, is_answer = divmod(number, 2)
    item = {
        "SessionId": {"S": _ANY_SESSION},
        "Timestamp": {"S": stamp(number)},
        "SessionCreatedAt": {"S": stamp(0)},
        "MessageId": {"S": f"{turn:032x}-{'a' if is_answer else 'q'}"},
        "TurnId": {"S": f"{turn:032x}"},
        "Role": {"S": "assistant" if is_answer else "user"},
        "Content": {"S": sentence(number, shortest=200, longest=400)},
        "CreatedAt": {"S": stamp(number)},
        "ModelId": {"S": MODEL},
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
