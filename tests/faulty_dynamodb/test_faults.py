"""Every fault is what it says: how the SDK sees it, and whether the write behind it was carried out."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff

from dynamodb_client.quick import QuickClient
from tests.faulty_dynamodb import FaultyDynamoDB, Kind, Operation
from tests.faulty_dynamodb.fixtures import ClientOfIt

TABLE = "ChatbotConversations"
KEY = {"SessionId": {"S": "s"}, "Timestamp": {"S": "#session"}}
CODES: list[tuple[Kind, int, str]] = [
    ("throttle", 400, "ProvisionedThroughputExceededException"),
    ("request_throttle", 400, "ThrottlingException"),
    ("server_error", 500, "InternalServerError"),
    ("conflict", 400, "TransactionConflictException"),
]


class Table:
    """The conversations' table, through a plain client that tries once."""

    def __init__(self, url: str, *, read_timeout: float) -> None:
        config = Config(read_timeout=read_timeout, retries={"mode": "standard", "total_max_attempts": 1})
        session = botocore.session.get_session()
        self.sdk: Any = session.create_client("dynamodb", "us-east-1", endpoint_url=url, config=config)

    def put(self, title: str = "New") -> None:
        self.sdk.put_item(TableName=TABLE, Item={**KEY, "Title": {"S": title}})

    @property
    def stored(self) -> str | None:
        item = self.sdk.get_item(TableName=TABLE, Key=KEY).get("Item")
        return item["Title"]["S"] if item else None


@pytest.fixture
def table(dynamodb: FaultyDynamoDB) -> Iterator[Table]:
    made = Table(dynamodb.url, read_timeout=0.5)
    yield made
    made.sdk.close()


def test_passes_on_what_no_fault_is_scripted_for(dynamodb: FaultyDynamoDB, table: Table) -> None:
    dynamodb.fault("throttle", "Query")
    table.put("שלום")
    assert table.stored == "שלום"
    assert dynamodb.calls == ["PutItem", "GetItem"]
    assert dynamodb.requests[0].body["Item"]["Title"] == {"S": "שלום"}


@pytest.mark.parametrize(("kind", "status", "code"), CODES)
def test_refuses_as_dynamodb_does(dynamodb: FaultyDynamoDB, table: Table, kind: Kind, status: int, code: str) -> None:
    dynamodb.fault(kind, "PutItem")
    with pytest.raises(ClientError) as caught:
        table.put()
    response = caught.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]) == (status, code)
    assert isinstance(caught.value, getattr(table.sdk.exceptions, code))  # the service model knows it too
    assert table.stored is None


@pytest.mark.parametrize(
    ("kind", "reason"), [("conflict", "TransactionConflict"), ("action_throttle", "ThrottlingError")]
)
def test_cancels_a_transaction_with_a_reason_for_every_action(
    dynamodb: FaultyDynamoDB, table: Table, kind: Kind, reason: str
) -> None:
    dynamodb.fault(kind, "TransactWriteItems")
    keys = [{**KEY, "Timestamp": {"S": sort}} for sort in ("1", "2", "3")]
    with pytest.raises(table.sdk.exceptions.TransactionCanceledException) as caught:
        table.sdk.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": key}} for key in keys])
    reasons = caught.value.response["CancellationReasons"]
    assert [entry["Code"] for entry in reasons] == ["None", "None", reason]


def test_says_that_a_transaction_is_in_progress(dynamodb: FaultyDynamoDB, table: Table) -> None:
    dynamodb.fault("in_progress", "TransactWriteItems")
    with pytest.raises(table.sdk.exceptions.TransactionInProgressException):
        table.sdk.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": KEY}}])
    assert table.stored is None


@pytest.mark.parametrize(
    ("kind", "error", "is_applied"),
    [
        ("hang", ReadTimeoutError, False),
        ("applied_hang", ReadTimeoutError, True),
        ("reset", ConnectionClosedError, False),
        ("applied_reset", ConnectionClosedError, True),
    ],
)
def test_loses_the_answer_with_or_without_the_write(
    dynamodb: FaultyDynamoDB, table: Table, kind: Kind, error: type[Exception], is_applied: bool
) -> None:
    dynamodb.fault(kind, "PutItem")
    with pytest.raises(error):
        table.put()
    assert table.stored == ("New" if is_applied else None)


@pytest.mark.parametrize(
    ("kind", "error", "is_applied"),
    [
        ("hang", ReadTimeoutError, False),
        ("applied_hang", ReadTimeoutError, True),
        ("applied_reset", ConnectionClosedError, True),
    ],
)
def test_a_call_in_a_hurry_that_hangs_has_timed_out_at_once(
    dynamodb: FaultyDynamoDB, kind: Kind, error: type[Exception], is_applied: bool
) -> None:
    hurried = Table(dynamodb.url, read_timeout=3600)
    dynamodb.hurry(QuickClient(hurried.sdk, None))
    dynamodb.fault(kind, "PutItem")
    with pytest.raises(error):
        hurried.put()
    assert hurried.stored == ("New" if is_applied else None)
    hurried.sdk.close()


def test_writes_half_of_a_batch_and_hands_back_the_rest(dynamodb: FaultyDynamoDB, table: Table) -> None:
    dynamodb.fault("unprocessed", "BatchWriteItem")
    writes = [{"PutRequest": {"Item": {**KEY, "Timestamp": {"S": sort}}}} for sort in ("1", "2", "3")]
    answer = table.sdk.batch_write_item(RequestItems={TABLE: writes})
    assert answer["UnprocessedItems"] == {TABLE: writes[2:]}
    assert [item["Timestamp"]["S"] for item in table.sdk.scan(TableName=TABLE)["Items"]] == ["1", "2"]


def test_plays_faults_in_order_each_for_its_own_requests(dynamodb: FaultyDynamoDB, table: Table) -> None:
    dynamodb.fault("throttle", "PutItem")
    dynamodb.fault("server_error", "PutItem", skip=2)
    met = []
    for _ in range(4):
        try:
            table.put()
        except ClientError as error:
            met.append(error.response["Error"]["Code"])
    assert met == ["ProvisionedThroughputExceededException", "InternalServerError"]
    assert [request.fault for request in dynamodb.of("PutItem")] == ["throttle", None, "server_error", None]


def test_recovers(dynamodb: FaultyDynamoDB, table: Table) -> None:
    dynamodb.fault("server_error", "PutItem", times=None)
    for _ in range(2):
        with pytest.raises(table.sdk.exceptions.InternalServerError):
            table.put()
    dynamodb.recover()
    table.put()
    assert table.stored == "New"


@pytest.mark.parametrize(
    ("kind", "operation"), [("conflict", "Query"), ("action_throttle", "PutItem"), ("unprocessed", "UpdateItem")]
)
def test_refuses_a_fault_that_the_operation_cannot_have(
    dynamodb: FaultyDynamoDB, kind: Kind, operation: Operation
) -> None:
    with pytest.raises(ValueError, match=f"{operation} never meets {kind}"):
        dynamodb.fault(kind, operation)


def test_forgets_one_test_before_the_next(dynamodb: FaultyDynamoDB, table: Table) -> None:
    dynamodb.fault("server_error", "PutItem", times=None)
    with pytest.raises(table.sdk.exceptions.InternalServerError):
        table.put()
    dynamodb.forget()
    assert dynamodb.calls == []
    table.put()
    assert table.stored == "New"


def test_a_client_that_forgets_tries_as_often_as_a_new_one(
    dynamodb: FaultyDynamoDB, waiting_client: ClientOfIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    dynamodb.fault("server_error", "GetItem", times=None)

    def tries() -> int:
        before = len(dynamodb.calls)
        with pytest.raises(ClientError):
            waiting_client.made.get_item(TableName=TABLE, Key=KEY)
        return len(dynamodb.calls) - before

    as_new = tries()
    for _ in range(RetryQuota.INITIAL_CAPACITY):
        if tries() < as_new:
            break
    else:
        pytest.fail("it never grew tired")
    waiting_client.forget()
    assert tries() == as_new


def test_a_hanging_request_ends_with_the_proxy(ministack: str, tables: None) -> None:
    faulty = FaultyDynamoDB(ministack)
    patient = Table(faulty.url, read_timeout=60)
    faulty.fault("hang", "PutItem", times=None)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(patient.put)
        for _ in range(500):
            if faulty.calls:
                break
            time.sleep(0.01)
        faulty.stop()
        assert isinstance(waiting.exception(), ConnectionClosedError)
    patient.sdk.close()
    assert faulty.calls == ["PutItem"]
