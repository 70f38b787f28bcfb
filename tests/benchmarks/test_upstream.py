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
    request(upstream_port, "PUT", "/pace", {})
    return client("bedrock-runtime", upstream_port)


def test_a_new_session_is_what_the_begin_of_a_turn_wrote(dynamodb: Client) -> None:
    answer = dynamodb.update_item(**update("new-1"))

    assert answer["Attributes"] == {
        "SessionId": {"S": "new-1"},
        "Timestamp": {"S": "#session"},
        "Owner": {"S": "anonymous"},
        "Title": {"S": "Hello"},
        "CreatedAt": {"S": "2026-11-23T09:30:00.000000Z"},
        "PendingTurn": {"M": {"TurnId": {"S": "t1"}}},
    }


def test_a_long_session_keeps_what_it_had(dynamodb: Client) -> None:
    versions = [dynamodb.update_item(**update("cold50-1"))["Attributes"] for _ in range(2)]

    assert [(item["Version"], item["MessageCount"], item["Owner"]) for item in versions] == [
        ({"N": "50"}, {"N": "100"}, {"S": "anonymous"})
    ] * 2
    assert versions[0]["CreatedAt"] == {"S": "2026-11-02T09:00:00.000000Z"}


@pytest.mark.parametrize(("state", "versions"), [("warm", ["50", "51", "52"]), ("behind", ["50", "52", "54"])])
def test_a_session_that_comes_again_has_grown(dynamodb: Client, state: str, versions: list[str]) -> None:
    items = [dynamodb.update_item(**update(f"{state}50-grows"))["Attributes"] for _ in range(3)]

    assert [item["Version"]["N"] for item in items] == versions


def test_whoever_asks_for_what_is_newer_is_given_one_turn(dynamodb: Client) -> None:
    known = {
        "KeyConditionExpression": "SessionId = :0 AND #1 > :1",
        "ExpressionAttributeNames": {"#1": "Timestamp"},
        "ExpressionAttributeValues": {":0": {"S": "behind50-1"}, ":1": {"S": "2026-11-24T09:30:00.000000Z"}},
    }
    answer = dynamodb.query(TableName="T", ScanIndexForward=False, Limit=64, **known)

    assert answer["Items"] == query(dynamodb, "behind50-1", ScanIndexForward=False)["Items"][:2]
    assert "LastEvaluatedKey" not in answer


def test_a_turn_is_found_pending_until_another_begins(dynamodb: Client) -> None:
    item = dynamodb.update_item(**update("new-held"))["Attributes"]
    key = {"SessionId": {"S": "new-held"}, "Timestamp": {"S": "#session"}}
    unknown = {"SessionId": {"S": "new-nobody"}, "Timestamp": {"S": "#session"}}

    assert dynamodb.get_item(TableName="T", Key=key)["Item"] == item
    assert dynamodb.batch_get_item(RequestItems={"T": {"Keys": [key, unknown]}})["Responses"] == {"T": [item]}
    assert "Item" not in dynamodb.get_item(TableName="T", Key=unknown)
    assert "Item" not in dynamodb.get_item(TableName="T", Key={**key, "Timestamp": {"S": "#receipt#1"}})


NAMES = {"#0": "SessionId", "#1": "Timestamp", "#2": "Role"}


def query(dynamodb: Client, session_id: str, **more: object) -> dict[str, Any]:
    answer: dict[str, Any] = dynamodb.query(
        TableName="T",
        KeyConditionExpression="#0 = :0 AND #1 >= :1",
        ExpressionAttributeNames=more.pop("ExpressionAttributeNames", {"#0": "SessionId", "#1": "Timestamp"}),
        ExpressionAttributeValues={":0": {"S": session_id}, ":1": {"S": "0"}},
        **more,
    )
    return answer


def test_the_history_of_a_long_session_alternates_in_messages_of_usual_length(dynamodb: Client) -> None:
    items = query(dynamodb, "cold50-1")["Items"]

    assert [item["Role"]["S"] for item in items] == ["user", "assistant"] * 50
    assert {item["SessionId"]["S"] for item in items} == {"cold50-1"}
    assert all(200 <= len(item["Content"]["S"]) <= 400 for item in items)
    assert [item["Timestamp"]["S"] for item in items] == sorted({item["Timestamp"]["S"] for item in items})


def test_gives_only_the_attributes_that_are_asked_for(dynamodb: Client) -> None:
    whole = query(dynamodb, "cold50-1", Limit=2)
    said = query(dynamodb, "cold50-1", Limit=2, ProjectionExpression="#2, Content", ExpressionAttributeNames=NAMES)

    assert said["Items"] == [{name: item[name] for name in ("Role", "Content")} for item in whole["Items"]]
    assert said["LastEvaluatedKey"] == whole["LastEvaluatedKey"]


def test_pages_backwards_make_the_whole_history(dynamodb: Client) -> None:
    first = query(dynamodb, "cold50-1", ScanIndexForward=False, Limit=64)
    second = query(dynamodb, "cold50-1", ScanIndexForward=False, Limit=64, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert (len(first["Items"]), len(second["Items"])) == (64, 36)
    assert first["Items"] + second["Items"] == query(dynamodb, "cold50-1")["Items"][::-1]
    assert "LastEvaluatedKey" not in second


def test_the_newest_messages_of_a_very_long_session_come_page_by_page(dynamodb: Client) -> None:
    first = query(dynamodb, "cold5000-1", ScanIndexForward=False, Limit=64)
    second = query(
        dynamodb, "cold5000-1", ScanIndexForward=False, Limit=64, ExclusiveStartKey=first["LastEvaluatedKey"]
    )

    stamps = [item["Timestamp"]["S"] for item in (*first["Items"], *second["Items"])]
    assert len(set(stamps)) == 128
    assert stamps == sorted(stamps, reverse=True)
    assert second["LastEvaluatedKey"] == {"SessionId": {"S": "cold5000-1"}, "Timestamp": {"S": stamps[-1]}}


def test_a_page_forwards_begins_behind_the_one_before(dynamodb: Client) -> None:
    first = query(dynamodb, "cold50-1", Limit=64)
    second = query(dynamodb, "cold50-1", Limit=64, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert first["Items"] + second["Items"] == query(dynamodb, "cold50-1")["Items"]


def test_the_head_of_a_session_belongs_to_whoever_asks(dynamodb: Client) -> None:
    asked = {
        "TableName": "T",
        "KeyConditionExpression": "#0 = :0 AND #1 = :1",
        "FilterExpression": "#2 = :2",
        "ExpressionAttributeNames": {"#0": "SessionId", "#1": "Timestamp", "#2": "Owner"},
    }

    def head(session_id: str) -> list[dict[str, Any]]:
        values = {":0": {"S": session_id}, ":1": {"S": "#session"}, ":2": {"S": "anonymous"}}
        items: list[dict[str, Any]] = dynamodb.query(**asked, ExpressionAttributeValues=values)["Items"]
        return items

    assert [(item["Owner"], item["MessageCount"]) for item in head("cold50-idle")] == [
        ({"S": "anonymous"}, {"N": "100"})
    ]
    assert head("new-nobody") == []


def test_every_owner_has_a_page_full_of_sessions_and_more(dynamodb: Client) -> None:
    answer = dynamodb.query(
        TableName="T",
        IndexName="OwnerIndex",
        KeyConditionExpression="#0 = :0",
        ExpressionAttributeNames={"#0": "Owner"},
        ExpressionAttributeValues={":0": {"S": "alice"}},
        Limit=51,
    )

    assert len({item["SessionId"]["S"] for item in answer["Items"]}) == 51
    assert {item["Owner"]["S"] for item in answer["Items"]} == {"alice"}
    updated = [item["UpdatedAt"]["S"] for item in answer["Items"]]
    assert updated == sorted(updated, reverse=True)
    assert answer["LastEvaluatedKey"]["UpdatedAt"] == {"S": updated[-1]}


def test_lists_the_models_and_their_profiles(upstream_port: int) -> None:
    bedrock = client("bedrock", upstream_port)

    models = [model["modelId"] for model in bedrock.list_foundation_models()["modelSummaries"]]
    profiles = bedrock.list_inference_profiles(maxResults=1000)["inferenceProfileSummaries"]

    assert "amazon.nova-pro-v1:0" in models
    assert [profile["inferenceProfileId"] for profile in profiles] == [f"us.{model}" for model in models]
    assert [profile["models"][0]["modelArn"].rpartition("/")[2] for profile in profiles] == models


def test_a_new_session_has_no_history(dynamodb: Client) -> None:
    assert query(dynamodb, "new-1")["Items"] == []


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


@pytest.mark.parametrize("pieces", [7, 47])
def test_a_stream_has_as_many_pieces_as_it_is_told_to(upstream_port: int, bedrock: Client, pieces: int) -> None:
    request(upstream_port, "PUT", "/pace", {"pieces": pieces})

    events = list(bedrock.converse_stream(**converse())["stream"])

    assert sum("contentBlockDelta" in event for event in events) == pieces
    assert "metadata" in events[-1]


def test_refuses_calls_of_the_model_as_it_is_told_to(upstream_port: int, bedrock: Client) -> None:
    request(upstream_port, "PUT", "/pace", {"throttled": 2, "refused": 3})

    outcomes = [outcome(bedrock) for _ in range(6)]

    # Which of six calls in a row, depends on how many there were before; every sixth is throttled, and not refused too.
    assert sorted(outcomes) == [*["ThrottlingException"] * 3, "ValidationException", "answered", "answered"]


def outcome(bedrock: Client) -> str:
    try:
        bedrock.converse(**converse())
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return "answered"


def test_the_table_takes_the_time_it_is_told_to(upstream_port: int, dynamodb: Client) -> None:
    request(upstream_port, "PUT", "/pace", {"table": 0.2})

    begun = time.monotonic()
    dynamodb.update_item(**update("new-slow"))
    answered = time.monotonic()
    request(upstream_port, "PUT", "/pace", {})

    assert answered - begun >= 0.2


def test_tells_the_calls_since_it_was_asked_last(upstream_port: int, bedrock: Client, dynamodb: Client) -> None:
    request(upstream_port, "GET", "/recent")
    query(dynamodb, "new-1")
    bedrock.converse(**converse())

    seen = json.loads(request(upstream_port, "GET", "/recent"))

    assert [operation for operation, _ in seen] == ["Query", "converse"]
    assert seen[0][1]["ExpressionAttributeValues"] == {":0": {"S": "new-1"}, ":1": {"S": "0"}}
    assert json.loads(request(upstream_port, "GET", "/recent")) == []


def test_tells_the_first_calls_it_saw_as_botocore_takes_them(
    upstream_port: int, bedrock: Client, dynamodb: Client
) -> None:
    bedrock.converse(**converse())
    dynamodb.update_item(**update("new-first"))

    seen = json.loads(request(upstream_port, "GET", "/calls"))

    assert seen["Converse"] == converse()
    assert seen["UpdateItem"]["UpdateExpression"] == update("new-first")["UpdateExpression"]


def test_another_path_is_refused(upstream_port: int) -> None:
    with pytest.raises(Failed, match="404"):
        request(upstream_port, "GET", "/elsewhere")
