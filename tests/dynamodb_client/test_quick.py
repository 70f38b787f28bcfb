"""Item operations without the SDK's work around them: one request where all goes well, the SDK where it does not."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from core.aws_clients import make_client
from dynamodb_client import client
from dynamodb_client.quick import QuickClient
from tests.answering_server import Answer, AnsweringServer, Request
from tests.bedrock_client.asking import wait_until
from tests.measured import Measured

TEXT = {"S": "שלום \u2028\x00 😀"}
ITEM = {"SessionId": {"S": "s"}, "Title": TEXT, "Count": {"N": "1"}}
KEY = {"SessionId": {"S": "s"}}
WRITE = {"TransactItems": [{"Put": {"TableName": "T", "Item": ITEM}}]}
SERVICE = "com.amazonaws.dynamodb.v20120810#"


def answer(body: object, status: int = 200, *, checksum: int | None = None) -> Answer:
    content = json.dumps(body).encode()
    said = {"X-Amzn-RequestId": "R", "x-amz-crc32": str(checksum or zlib.crc32(content))}
    return Answer(status, content, {"Content-Type": "application/x-amz-json-1.0", **said})


def refusal(code: str, status: int = 400, **said: object) -> Answer:
    return answer({"__type": SERVICE + code, "message": f"{code}, in words", **said}, status)


GOOD = answer({"Item": ITEM})
TROUBLES = {
    "throttled": refusal("ProvisionedThroughputExceededException"),
    "limited": refusal("ThrottlingException"),
    "server error": refusal("InternalServerError", 500),
    "no words": Answer(503, b""),
    "a page": Answer(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
    "reset": Answer(breaks=True),
    "hang": Answer(hangs=True),
    "credentials over": refusal("ExpiredTokenException"),
}
# The SDK makes something of these when they come for ever, and is not asked whether that is wise.
UNREADABLE = {
    "no JSON": Answer(200, b"<html>OK</html>"),
    "no object": Answer(200, b"[]"),
    "cut": Answer(200, GOOD.body, {"X-Amzn-RequestId": "R"}, cut=True),
    "wrong sum": answer({"Item": ITEM}, checksum=1),
}


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    made = AnsweringServer(GOOD)
    yield made
    made.stop()


@pytest.fixture
def quick(server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[QuickClient]:
    """As the process makes it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
    monkeypatch.setattr(client, "READ_TIMEOUT_SECONDS", 0.3)
    made: QuickClient = client._make_client.__wrapped__()
    assert made.calls
    yield made
    made.close()


def get(quick: QuickClient) -> dict[str, Any]:
    return quick._make_api_call("GetItem", {"TableName": "T", "Key": KEY})


def operations(requests: list[Request]) -> list[str]:
    return [request.headers["x-amz-target"].rpartition(".")[2] for request in requests]


def is_the_sdks(request: Request) -> bool:
    """It counts its attempts in a header of its own."""
    return "amz-sdk-invocation-id" in request.headers


def test_what_goes_well_is_one_request(server: AnsweringServer, quick: QuickClient) -> None:
    arguments = {"TableName": "T", "Item": ITEM}
    server.answers = [answer({})]
    assert quick._make_api_call("PutItem", arguments) == {}
    [request] = server.requests
    assert (operations([request]), json.loads(request.body)) == (["PutItem"], arguments)
    assert request.headers["content-type"] == "application/x-amz-json-1.0"
    assert not is_the_sdks(request)


def test_an_answer_is_taken_as_it_stands(server: AnsweringServer, quick: QuickClient) -> None:
    assert get(quick) == {"Item": ITEM}


@pytest.mark.parametrize("trouble", [*TROUBLES, *UNREADABLE])
def test_the_sdk_makes_the_call_again_that_did_not_go_well(
    server: AnsweringServer, quick: QuickClient, trouble: str
) -> None:
    server.answers = [{**TROUBLES, **UNREADABLE}[trouble], GOOD]
    assert get(quick)["Item"] == ITEM
    assert [is_the_sdks(request) for request in server.requests] == [False, True]
    assert operations(server.requests) == ["GetItem", "GetItem"]
    assert server.requests[0].body == server.requests[1].body.replace(b", ", b",").replace(b": ", b":")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_call_is_more_than_three_requests(server: AnsweringServer, quick: QuickClient, trouble: str) -> None:
    server.answers = [TROUBLES[trouble]]
    with pytest.raises((ClientError, BotoCoreError, ResponseParserError)):
        get(quick)
    assert len(server.requests) == (2 if trouble == "credentials over" else 3)


REFUSALS = {
    "condition": refusal("ConditionalCheckFailedException", Item=ITEM),
    "condition without item": refusal("ConditionalCheckFailedException"),
    "cancelled": answer(
        {
            "__type": f"{SERVICE}TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons [None, ConditionalCheckFailed]",
            "CancellationReasons": [
                {"Code": "None"},
                {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": ITEM},
            ],
        },
        400,
    ),
    "in progress": refusal("TransactionInProgressException"),
    "conflict": refusal("TransactionConflictException"),
    "another request": refusal("IdempotentParameterMismatchException"),
    "invalid": answer({"__type": "com.amazon.coral.validate#ValidationException", "message": "Too long"}, 400),
    "without words": answer({"__type": f"{SERVICE}ConditionalCheckFailedException"}, 400),
}


@pytest.mark.parametrize("said", REFUSALS)
def test_a_refusal_is_raised_at_once_as_the_sdk_has_it(server: AnsweringServer, quick: QuickClient, said: str) -> None:
    server.answers = [REFUSALS[said]]
    with pytest.raises(ClientError) as ours:
        quick._make_api_call("TransactWriteItems", WRITE)
    assert len(server.requests) == 1
    with pytest.raises(ClientError) as theirs:
        tries_once()._make_api_call("TransactWriteItems", dict(WRITE))  # it adds a token
    assert compared(ours.value) == compared(theirs.value)


def tries_once() -> Any:  # noqa: ANN401  # botocore makes the client's class at run time
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    return make_client("dynamodb", "us-east-1", config)


def compared(error: ClientError) -> dict[str, Any]:
    """Without the time of the answer, what the SDK says of its attempts, and the message that it repeats."""
    response: Any = {name: value for name, value in error.response.items() if name.lower() != "message"}
    response["ResponseMetadata"]["HTTPHeaders"].pop("date")
    response["ResponseMetadata"].pop("MaxAttemptsReached", None)
    return dict(response)


@pytest.mark.parametrize("given", [None, "mine"])
def test_a_transaction_has_one_token_in_all_attempts(
    server: AnsweringServer, quick: QuickClient, given: str | None
) -> None:
    server.answers = [TROUBLES["server error"], TROUBLES["reset"], answer({})]
    arguments = {**WRITE, **({"ClientRequestToken": given} if given else {})}
    for _ in range(2):
        quick._make_api_call("TransactWriteItems", arguments)
    tokens = [json.loads(request.body)["ClientRequestToken"] for request in server.requests]
    assert len(tokens) == 4
    assert tokens[0] == tokens[1] == tokens[2]
    assert (tokens[3] == tokens[0] == given) == (given is not None)


def test_a_text_that_utf_8_cannot_hold_is_the_sdks_to_send(server: AnsweringServer, quick: QuickClient) -> None:
    quick._make_api_call("GetItem", {"TableName": "T", "Key": {"SessionId": {"S": "\ud800"}}})
    [request] = server.requests
    assert is_the_sdks(request)


def test_what_is_no_item_operation_is_the_sdks(server: AnsweringServer, quick: QuickClient) -> None:
    server.answers = [answer({"Table": {"TableStatus": "ACTIVE"}})]
    assert quick.describe_table(TableName="T")["Table"] == {"TableStatus": "ACTIVE"}
    assert quick._make_api_call("DescribeTable", {"TableName": "T"})["Table"] == {"TableStatus": "ACTIVE"}
    assert [is_the_sdks(request) for request in server.requests] == [True, True]


def test_each_throttled_attempt_is_counted_though_the_last_goes_well(
    server: AnsweringServer, quick: QuickClient
) -> None:
    measured = Measured()
    server.answers = [TROUBLES["throttled"], TROUBLES["throttled"], GOOD]
    get(quick)
    assert measured.since("chatbot_store_throttles") == {"chatbot_store_throttles_total": 2.0}


def test_without_quick_calls_everything_is_the_sdks(server: AnsweringServer, quick: QuickClient) -> None:
    assert get(QuickClient(quick.sdk, None))["Item"] == ITEM
    assert [is_the_sdks(request) for request in server.requests] == [True]


def test_closing_closes_the_connections_of_both(server: AnsweringServer, quick: QuickClient) -> None:
    server.answers = [TROUBLES["throttled"], GOOD]
    get(quick)
    assert server.open_connections == 2
    quick.close()
    wait_until(lambda: not server.open_connections)


def test_both_keep_their_connections(server: AnsweringServer, quick: QuickClient) -> None:
    server.answers = [TROUBLES["throttled"], GOOD, TROUBLES["throttled"], GOOD]
    for _ in range(2):
        get(quick)
    assert (len(server.requests), server.made) == (4, 2)
