"""Answers that are taken as they stand are those that botocore would have made of them."""

import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from dynamodb_client.answers import OPERATIONS, take_as_they_stand

SHAPES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "GetItem": lambda item: {"Item": item, "ConsumedCapacity": {"TableName": "T", "CapacityUnits": 0.5}},
    "BatchGetItem": lambda item: {"Responses": {"T": [item, {}]}, "UnprocessedKeys": {"T": {"Keys": [item]}}},
    "Query": lambda item: {"Items": [item, {}], "Count": 2, "ScannedCount": 3, "LastEvaluatedKey": item},
    "PutItem": lambda item: {"Attributes": item},
    "UpdateItem": lambda item: {"Attributes": item},
    "DeleteItem": lambda item: {"Attributes": item},
    "BatchWriteItem": lambda item: {"UnprocessedItems": {"T": [{"PutRequest": {"Item": item}}]}},
    "TransactWriteItems": lambda _: {},
}

# botocore looks into these for the tables.
PARAMETERS = {
    "BatchGetItem": {"RequestItems": {"T": {"Keys": []}}},
    "BatchWriteItem": {"RequestItems": {"T": []}},
}

texts = st.text(max_size=5)
numbers = st.integers().map(str)
values = st.recursive(
    st.one_of(
        texts.map(lambda text: {"S": text}),
        numbers.map(lambda number: {"N": number}),
        st.booleans().map(lambda yes: {"BOOL": yes}),
        st.just({"NULL": True}),
        st.lists(texts, min_size=1, max_size=3).map(lambda each: {"SS": each}),
        st.lists(numbers, min_size=1, max_size=3).map(lambda each: {"NS": each}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda each: {"L": each}),
        st.dictionaries(texts, inner, max_size=3).map(lambda each: {"M": each}),
    ),
    max_leaves=8,
)


class _Raw(io.BytesIO):
    def stream(self, **_: object) -> list[bytes]:
        return [self.read()]


@cache
def client(*, as_they_stand: bool) -> Any:  # noqa: ANN401  # botocore makes the client's class at run time
    config = Config(signature_version=UNSIGNED, parameter_validation=False, retries={"total_max_attempts": 1})
    made = botocore.session.Session().create_client("dynamodb", "us-east-1", config=config)
    if as_they_stand:
        take_as_they_stand(made)
    return made


def answered(operation: str, body: bytes, *, as_they_stand: bool, status: int = 200) -> Any:  # noqa: ANN401  # as above
    """What the client makes of this answer of DynamoDB."""
    ours = client(as_they_stand=as_they_stand)
    headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "R"})

    def answer(**_: object) -> AWSResponse:
        return AWSResponse("http://127.0.0.1", status, headers, _Raw(body))

    ours.meta.events.register("before-send.dynamodb", answer)
    try:
        return ours._make_api_call(operation, PARAMETERS.get(operation, {}))
    finally:
        ours.meta.events.unregister("before-send.dynamodb", answer)


def test_every_operation_is_looked_at() -> None:
    assert set(SHAPES) == set(OPERATIONS)


@given(item=st.dictionaries(texts, values, max_size=4))
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_answer_is_the_one_that_botocore_reads(operation: str, item: dict[str, Any]) -> None:
    body = json.dumps(SHAPES[operation](item)).encode()
    plain = answered(operation, body, as_they_stand=False)
    assert answered(operation, body, as_they_stand=True) == plain
    assert plain["ResponseMetadata"]["RequestId"] == "R"


def test_the_walk_through_the_values_is_spared() -> None:
    """A value of a kind that botocore does not know yet: its own walk makes something else of it."""
    body = b'{"Item": {"New": {"X": "1"}}}'
    assert answered("GetItem", body, as_they_stand=True)["Item"] == {"New": {"X": "1"}}
    assert answered("GetItem", body, as_they_stand=False)["Item"] != {"New": {"X": "1"}}


@pytest.mark.parametrize("operation", ["UpdateItem", "TransactWriteItems"])
def test_a_refusal_is_the_same_with_what_it_hands_back(operation: str) -> None:
    refusal = {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "Item": {"Owner": {"S": "alice"}},
    }
    told = []
    for as_they_stand in (True, False):
        with pytest.raises(ClientError) as error:
            answered(operation, json.dumps(refusal).encode(), as_they_stand=as_they_stand, status=400)
        told.append((type(error.value).__name__, error.value.response))
    assert told[0] == told[1]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_what_is_no_answer_is_left_to_botocore(body: bytes) -> None:
    told = []
    for as_they_stand in (True, False):
        try:
            told.append(repr(answered("Query", body, as_they_stand=as_they_stand)))
        except Exception as error:  # noqa: BLE001  # whatever botocore makes of it
            told.append(repr(error))
    assert told[0] == told[1]
