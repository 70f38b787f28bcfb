"""The writes of a turn, which are prepared once: PynamoDB's models would write the same, whatever the turn is like."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from bedrock_client import Usage
from conversations.domain import Message, PendingTurn, Session, Turn
from conversations.store import ledger
from conversations.store.message_items import item_of, message_from_item
from conversations.store.sessions import pending_from_item
from conversations.store.tables import MessageRow, PendingTurnMap
from conversations.store.turn_begin_request import begin_request
from conversations.store.turn_commit_request import Exchange, commit_request

BEGAN = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)
NOW = BEGAN + dt.timedelta(seconds=2)
MODEL = "us.amazon.nova-pro-v1:0"
PENDING = PendingTurn("t-1", "Hello", MODEL, BEGAN, BEGAN + dt.timedelta(seconds=75))
SESSION = Session(
    "s", owner="ada", title="Hello", created_at=BEGAN, updated_at=BEGAN, version=0, message_count=0, pending=PENDING
)
QUESTION = Message("m-1", "t-1", "user", "Hello", timestamp=BEGAN, created_at=BEGAN, model_id=MODEL)
ANSWER = replace(
    QUESTION,
    message_id="m-2",
    role="assistant",
    timestamp=NOW,
    region="us-east-1",
    usage=Usage(input_tokens=12, output_tokens=34, cache_read_tokens=5, cache_write_tokens=6),
    cost_nano_usd=118_400,
    price_version="2026-11",
    stop_reason="end_turn",
    latency_ms=1234,
)
SESSION_KEY = {"SessionId": {"S": "s"}, "Timestamp": {"S": "#session"}}

SYSTEMS = pytest.mark.parametrize("system", [None, "", "Be brief."])
KEYS = pytest.mark.parametrize("key", ["", "k"])
DAYS = pytest.mark.parametrize("days", [0, 30])


def turn_with(*, system: str | None, key: str, budget_key_id: str = "") -> Turn:
    pending = replace(PENDING, system=system, key=key, fingerprint=key and "f")
    return Turn(replace(SESSION, pending=pending), pending, budget_key_id)


def expressions(request: dict[str, Any]) -> Iterator[str]:
    return (text for name, text in request.items() if name.endswith("Expression"))


def assert_complete(request: dict[str, Any]) -> None:
    """Every name and value of its expressions is given, and no other: DynamoDB refuses a request with one too many."""
    said = " ".join(expressions(request))
    assert set(re.findall(r":\w+", said)) == set(request["ExpressionAttributeValues"])
    assert set(re.findall(r"#\d+", said)) == set(request["ExpressionAttributeNames"])


def in_words(request: dict[str, Any]) -> dict[str, str]:
    """Its expressions with the names of attributes and the values that do not vary."""
    names: dict[str, str] = request["ExpressionAttributeNames"]
    values = {name: str(next(iter(value.values()))) for name, value in request["ExpressionAttributeValues"].items()}
    constants = {name: value for name, value in values.items() if name[1:].isdigit()}

    def resolved(text: str) -> str:
        return re.sub(r"#\d+|:\d+", lambda found: (names | constants)[found.group()], text)

    return {name: resolved(text) for name, text in request.items() if name.endswith("Expression")}


@DAYS
@SYSTEMS
@KEYS
@pytest.mark.parametrize("unless_answered", [False, True])
def test_the_first_write_of_any_turn_is_complete(
    settings: Settings, days: int, system: str | None, key: str, unless_answered: bool
) -> None:
    settings.HISTORY_RETENTION_DAYS = days
    pending = turn_with(system=system, key=key).pending
    request = begin_request("s", owner="ada", title="T", pending=pending, key=key if unless_answered else "")
    assert_complete(request)
    assert pending_from_item({"PendingTurn": request["ExpressionAttributeValues"][":pending"]}) == pending


@DAYS
@SYSTEMS
@KEYS
def test_the_last_write_of_any_turn_is_complete(settings: Settings, days: int, system: str | None, key: str) -> None:
    settings.HISTORY_RETENTION_DAYS = days
    assert_complete(commit_request(turn_with(system=system, key=key), Exchange(QUESTION, ANSWER, 40), now=NOW))


def test_the_first_write_of_a_turn(settings: Settings) -> None:
    settings.HISTORY_RETENTION_DAYS = 0
    pending = turn_with(system=None, key="k").pending
    request = begin_request("s", owner="ada", title="T", pending=pending, key="k")
    assert in_words(request) == {
        "ConditionExpression": "(attribute_not_exists (SessionId) OR (((((Owner = :owner AND"
        " attribute_not_exists (ErasingSince)) AND (attribute_not_exists (ExpiresAt) OR ExpiresAt > :epoch)) AND"
        " (attribute_not_exists (PendingTurn) OR PendingTurn.State = failed)) AND"
        " ((attribute_not_exists (PendingTurn.Key) OR PendingTurn.Key <> :key) OR"
        " PendingTurn.Fingerprint = :fingerprint)) AND (attribute_not_exists (LastKey) OR LastKey <> :key)))",
        "UpdateExpression": "SET Owner = :owner, Title = if_not_exists (Title, :title),"
        " CreatedAt = if_not_exists (CreatedAt, :now), PendingTurn = :pending, State = pending, UpdatedAt = :now,"
        " ActivityDay = :activity_day REMOVE ExpiresAt",
    }
    assert request["Key"] == SESSION_KEY
    assert request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_the_last_write_of_a_turn(settings: Settings) -> None:
    settings.HISTORY_RETENTION_DAYS = 1
    turn = turn_with(system="Be brief.", key="k")
    request = commit_request(turn, Exchange(QUESTION, ANSWER, 40), now=NOW)
    assert in_words(request) == {
        "ConditionExpression": "((PendingTurn.TurnId = :turn_id AND PendingTurn.State = pending)"
        " AND CreatedAt = :incarnation)",
        "UpdateExpression": "SET State = idle, UpdatedAt = :now, ActivityDay = :activity_day, ExpiresAt = :expires_at,"
        " LastTimestamp = :last_timestamp, LastPromptTokens = :prompt_tokens, LastPromptEstimate = :prompt_estimate,"
        " System = :system, LastKey = :key REMOVE PendingTurn ADD Version 1, MessageCount 2, Models :models,"
        " InputTokens :input_tokens, OutputTokens :output_tokens, CacheReadTokens :cache_read_tokens,"
        " CacheWriteTokens :cache_write_tokens, CostNanoUsd :cost_nano_usd",
    }
    values = request["ExpressionAttributeValues"]
    assert {name: value for name, value in values.items() if not name[1:].isdigit()} == {
        ":now": {"S": "2026-11-23T09:30:02.000000Z"},
        ":activity_day": {"S": "2026-11-23#11"},
        ":expires_at": {"N": str(int((NOW + dt.timedelta(days=1)).timestamp()))},
        ":last_timestamp": {"S": "2026-11-23T09:30:02.000000Z"},
        ":turn_id": {"S": "t-1"},
        ":incarnation": {"S": "2026-11-23T09:30:00.000000Z"},
        ":models": {"SS": [MODEL]},
        ":prompt_tokens": {"N": "23"},
        ":prompt_estimate": {"N": "40"},
        ":system": {"S": "Be brief."},
        ":key": {"S": "k"},
        ":input_tokens": {"N": "12"},
        ":output_tokens": {"N": "34"},
        ":cache_read_tokens": {"N": "5"},
        ":cache_write_tokens": {"N": "6"},
        ":cost_nano_usd": {"N": "118400"},
    }
    assert request["Key"] == SESSION_KEY


def test_what_an_answered_turn_adds_to_the_ledger() -> None:
    for budget_key_id in ("b-1", "b-2"):
        request = ledger.answered(turn_with(system=None, key="", budget_key_id=budget_key_id), ANSWER)
        assert_complete(request)
        assert in_words(request) == {
            "UpdateExpression": "SET DayShard = :day_shard ADD Turns 1, LatencyMs :latency_ms,"
            " InputTokens :input_tokens, OutputTokens :output_tokens, CacheReadTokens :cache_read_tokens,"
            f" CacheWriteTokens :cache_write_tokens, CostNanoUsd :cost_nano_usd, KeyCostNanoUsd#{budget_key_id}"
            " :cost_nano_usd"
        }
        assert request["Key"] == {"Owner": {"S": "ada"}, "DayModelShard": {"S": f"2026-11-23#{MODEL}#11"}}


def test_what_a_failed_turn_adds_to_the_ledger() -> None:
    request = ledger.failed(turn_with(system=None, key=""))
    assert_complete(request)
    assert in_words(request) == {"UpdateExpression": "SET DayShard = :day_shard ADD Errors 1"}


@pytest.mark.parametrize("expires_at", [None, 1_800_000_000])
@pytest.mark.parametrize("message", [QUESTION, ANSWER, replace(ANSWER, content="")])
def test_a_message_is_kept_as_its_model_would_keep_it(message: Message, expires_at: int | None) -> None:
    item = item_of(message, session_id="s", incarnation="i", expires_at=expires_at)
    assert MessageRow.from_raw_data(item).to_dynamodb_dict() == item
    assert message_from_item(item) == message


def test_a_pending_turn_is_kept_as_its_model_would_keep_it() -> None:
    pending = turn_with(system="Be brief.", key="k").pending
    kept = begin_request("s", owner="ada", title="T", pending=pending, key="")["ExpressionAttributeValues"][":pending"]
    model: Any = PendingTurnMap
    assert model().serialize(model().deserialize(kept["M"])) == kept["M"]
