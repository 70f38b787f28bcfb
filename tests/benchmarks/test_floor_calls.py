"""One turn of the floor: the calls that it makes, and nothing else."""

import pytest

from benchmarks.cases import Case
from benchmarks.floor_calls import Turns, bare_calls
from tests.benchmarks.calls import turn


def test_a_whole_reply_has_a_time_and_no_pieces(upstream_port: int) -> None:
    turns = Turns(f"http://127.0.0.1:{upstream_port}", turn(), Case("any", 1, 0.1), "a")

    chat = turns.turn(0)

    assert chat.total > 0
    assert (chat.first, list(chat.lags)) == (None, [])


def test_a_stream_is_read_to_its_end(upstream_port: int) -> None:
    turns = Turns(f"http://127.0.0.1:{upstream_port}", turn(), Case("any", 1, 0.1, stream=True), "a")

    chat = turns.turn(0)

    assert chat.first is not None
    assert 0 < chat.first < chat.total
    assert len(chat.lags) == 40


def test_all_of_a_long_history_goes_to_the_model(upstream_port: int) -> None:
    turns = Turns(f"http://127.0.0.1:{upstream_port}", turn(), Case("any", 1, 0.1, turns=50), "a")

    sent: list[int] = []
    turns._bedrock.meta.events.register(
        "provide-client-params.bedrock-runtime.Converse", lambda params, **_: sent.append(len(params["messages"]))
    )
    turns.turn(0)

    assert sent == [101]


LIST = {
    "TableName": "T",
    "IndexName": "OwnerIndex",
    "KeyConditionExpression": "#0 = :0",
    "ExpressionAttributeNames": {"#0": "Owner"},
    "ExpressionAttributeValues": {":0": {"S": "anonymous"}},
    "Limit": 51,
}


def test_a_read_makes_the_queries_that_the_server_made(upstream_port: int) -> None:
    case = Case("any", 1, 0.1, asks="sessions")

    read = bare_calls(f"http://127.0.0.1:{upstream_port}", [("Query", LIST), ("PutItem", {})], case, "a")

    chat = read(0)
    assert chat.total > 0
    assert (chat.first, list(chat.lags)) == (None, [])


def test_a_read_that_finds_nothing_is_no_floor(upstream_port: int) -> None:
    nothing = {**LIST, "ExpressionAttributeNames": {"#0": "SessionId"}}
    read = bare_calls(
        f"http://127.0.0.1:{upstream_port}", [("Query", nothing)], Case("any", 1, 0.1, asks="history"), "a"
    )

    with pytest.raises(RuntimeError, match="nothing to read"):
        read(0)
