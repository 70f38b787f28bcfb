"""Sessions as DynamoDB holds them: what their ids say of them, their items, the list of an owner's."""

import datetime as dt
import json
import re
from functools import lru_cache
from typing import Any

from benchmarks.words import sentence

Item = dict[str, Any]

MODEL = "us.amazon.nova-pro-v1:0"
_BEGAN = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
# `cold50-…`: 50 turns behind it each time. `warm50-…`: 50, and one more for each turn begun here. `behind50-…`: two
# more, one of them answered elsewhere. All others are new.
_ID = re.compile(r"(cold|warm|behind)(\d+)-")
_GROWS = {"cold": 0, "warm": 1, "behind": 2}


def turns_behind(session_id: str) -> int:
    """How many turns a session with this id has had when it is first seen."""
    match = _ID.match(session_id)
    return int(match[2]) if match else 0


def grows_by(session_id: str) -> int:
    """How many more turns it has had whenever another one begins."""
    match = _ID.match(session_id)
    return _GROWS[match[1]] if match else 0


def head(turns: int) -> Item:
    """What the session item holds after so many turns, beside what every begin of a turn writes."""
    return {
        "Title": {"S": sentence(0, shortest=40, longest=60)},
        "CreatedAt": {"S": stamp(0)},
        "LastTimestamp": {"S": stamp(2 * turns - 1)},
        "Version": {"N": str(turns)},
        "MessageCount": {"N": str(2 * turns)},
        "Models": {"SS": [MODEL]},
        "LastPromptTokens": {"N": "9000"},
        "LastPromptEstimate": {"N": "9000"},
    }


def idle_head(session_id: str, owner: str) -> Item:
    """The whole session item between two turns."""
    turns = turns_behind(session_id)
    return {
        "SessionId": {"S": session_id},
        "Timestamp": {"S": "#session"},
        "Owner": {"S": owner},
        "UpdatedAt": {"S": stamp(2 * turns - 1)},
        **head(turns),
    }


@lru_cache(maxsize=64)
def list_of_sessions(owner: str, limit: int) -> bytes:
    """The body of a Query's answer: so many sessions of an owner who has more of them, as the index shows them."""
    items = [
        {
            "SessionId": {"S": f"cold50-{number}"},
            "Timestamp": {"S": "#session"},
            "Owner": {"S": owner},
            "UpdatedAt": {"S": stamp(limit - number)},
            "Title": {"S": sentence(number, shortest=40, longest=60)},
            "CreatedAt": {"S": stamp(0)},
            "MessageCount": {"N": "100"},
            "State": {"S": "idle"},
        }
        for number in range(limit)
    ]
    last = {name: items[-1][name] for name in ("SessionId", "Timestamp", "Owner", "UpdatedAt")}
    return json.dumps({"Items": items, "Count": limit, "ScannedCount": limit, "LastEvaluatedKey": last}).encode()


def stamp(number: int) -> str:
    """When the message with this number was said, a minute after the one before."""
    return (_BEGAN + dt.timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
