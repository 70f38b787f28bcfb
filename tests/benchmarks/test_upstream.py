"""The upstream through botocore, which checks what the real services would send."""

import json
import time
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.asking import request
from benchmarks.bedrock_answers import PIECES, lags
from benchmarks.children import Failed
from benchmarks.words import REPLY
from tests.benchmarks.calls import converse, turn, update

# botocore makes the classes of its clients at run time.
Client = Any


def client(service: str, port: int) -> Client:
    return botocore.session.get_session().create_client(
        service, "us-east-1", endpoint_url=f"http://127.0.0.1:{port}", config=Config(retries={"total_max_attempts": 1})
    )


@pytest.fixture
def dynamodb(upstream_port: int) -> Client:
    return client("dynamodb", upstream_port)


@pytest.fixture
def bedrock(upstream_port: int) -> Client:
    request(upstream_port, "PUT", "/pace", {"latency": 0.0, "gap": 0.0})
    return client("bedrock-runtime", upstream_port)


def test_a_new_session_is_what_the_begin_of_a_turn_wrote(dynamodb: Client) -> None:
    answer = dynamodb.update_item(**update("bench-1"))

    assert answer["Attributes"] == {
        "SessionId": {"S": "bench-1"},
        "Timestamp": {"S": "#session"},
        "Owner": {"S": "anonymous"},
        "Title": {"S": "Hello"},
        "CreatedAt": {"S": "2026-11-23T09:30:00.000000Z"},
        "PendingTurn": {"M": {"TurnId": {"S": "t1"}}},
    }


def test_a_long_session_keeps_what_it_had(dynamodb: Client) -> None:
    versions = [dynamodb.update_item(**update("long-1"))["Attributes"] for _ in range(2)]

    assert [(item["Version"], item["MessageCount"], item["Owner"]) for item in versions] == [
        ({"N": "50"}, {"N": "100"}, {"S": "anonymous"})
    ] * 2
    assert versions[0]["CreatedAt"] == {"S": "2026-11-02T09:00:00.000000Z"}


def test_a_warm_session_grows_by_a_turn_each_time(dynamodb: Client) -> None:
    items = [dynamodb.update_item(**update("warm-grows"))["Attributes"] for _ in range(3)]

    assert [item["Version"]["N"] for item in items] == ["50", "51", "52"]


def test_a_turn_is_found_pending_until_another_begins(dynamodb: Client) -> None:
    item = dynamodb.update_item(**update("bench-held"))["Attributes"]
    key = {"SessionId": {"S": "bench-held"}, "Timestamp": {"S": "#session"}}
    unknown = {"SessionId": {"S": "bench-nobody"}, "Timestamp": {"S": "#session"}}

    assert dynamodb.get_item(TableName="T", Key=key)["Item"] == item
    assert dynamodb.batch_get_item(RequestItems={"T": {"Keys": [key, unknown]}})["Responses"] == {"T": [item]}
    assert "Item" not in dynamodb.get_item(TableName="T", Key=unknown)
    assert "Item" not in dynamodb.get_item(TableName="T", Key={**key, "Timestamp": {"S": "#receipt#1"}})


def query(dynamodb: Client, session_id: str, **more: object) -> dict[str, Any]:
    answer: dict[str, Any] = dynamodb.query(
        TableName="T",
        KeyConditionExpression="#0 = :0 AND #1 >= :1",
        ExpressionAttributeNames={"#0": "SessionId", "#1": "Timestamp"},
        ExpressionAttributeValues={":0": {"S": session_id}, ":1": {"S": "0"}},
        **more,
    )
    return answer


def test_the_history_of_a_long_session_alternates_in_messages_of_usual_length(dynamodb: Client) -> None:
    items = query(dynamodb, "long-1")["Items"]

    assert [item["Role"]["S"] for item in items] == ["user", "assistant"] * 50
    assert {item["SessionId"]["S"] for item in items} == {"long-1"}
    assert all(200 <= len(item["Content"]["S"]) <= 400 for item in items)
    assert [item["Timestamp"]["S"] for item in items] == sorted({item["Timestamp"]["S"] for item in items})


def test_pages_backwards_make_the_whole_history(dynamodb: Client) -> None:
    first = query(dynamodb, "long-1", ScanIndexForward=False, Limit=64)
    second = query(dynamodb, "long-1", ScanIndexForward=False, Limit=64, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert (len(first["Items"]), len(second["Items"])) == (64, 36)
    assert first["Items"] + second["Items"] == query(dynamodb, "long-1")["Items"][::-1]
    assert "LastEvaluatedKey" not in second


def test_a_new_session_has_no_history(dynamodb: Client) -> None:
    assert query(dynamodb, "bench-1")["Items"] == []


def test_takes_every_write_and_is_ready(dynamodb: Client) -> None:
    dynamodb.transact_write_items(**turn()["TransactWriteItems"])

    assert dynamodb.describe_table(TableName="T")["Table"]["TableStatus"] == "ACTIVE"


def test_refuses_what_no_turn_needs(dynamodb: Client) -> None:
    with pytest.raises(ClientError) as refused:
        dynamodb.scan(TableName="T")

    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"


def test_the_model_answers_whole(bedrock: Client) -> None:
    answer = bedrock.converse(**converse())

    del answer["ResponseMetadata"]
    assert answer == {
        "output": {"message": {"role": "assistant", "content": [{"text": REPLY}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 60, "outputTokens": 75, "totalTokens": 135},
        "metrics": {"latencyMs": 400},
    }


def test_the_model_answers_in_pieces_that_say_when_they_were_sent(bedrock: Client) -> None:
    events = list(bedrock.converse_stream(**converse())["stream"])

    names = [next(iter(event)) for event in events]
    deltas = [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event]
    assert names == [
        "messageStart",
        *["contentBlockDelta"] * PIECES,
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert [text.split("] ")[1] for text in deltas] == [f"piece {number} " for number in range(PIECES)]
    assert len(lags("".join(deltas).encode())) == PIECES
    assert min(lags("".join(deltas).encode())) > 0


def test_the_model_takes_the_time_it_is_told_to(upstream_port: int, bedrock: Client) -> None:
    request(upstream_port, "PUT", "/pace", {"latency": 0.2, "gap": 0.01})

    begun = time.monotonic()
    bedrock.converse(**converse())
    answered = time.monotonic()
    list(bedrock.converse_stream(**converse())["stream"])

    # Never less than it was told, however busy the machine is.
    assert answered - begun >= 0.2
    assert time.monotonic() - answered >= 0.2 + 0.01 * (PIECES - 1)


def test_tells_the_first_calls_it_saw_as_botocore_takes_them(
    upstream_port: int, bedrock: Client, dynamodb: Client
) -> None:
    bedrock.converse(**converse())
    dynamodb.update_item(**update("bench-first"))

    seen = json.loads(request(upstream_port, "GET", "/calls"))

    assert seen["Converse"] == converse()
    assert seen["UpdateItem"]["UpdateExpression"] == update("bench-first")["UpdateExpression"]


def test_another_path_is_refused(upstream_port: int) -> None:
    with pytest.raises(Failed, match="404"):
        request(upstream_port, "GET", "/elsewhere")
