"""The fixture `dynamodb`, for `tests/conftest.py` to import."""

from collections.abc import Iterator

import pytest
from botocore.retries import standard
from botocore.retries.quota import RetryQuota

from dynamodb_client import client
from dynamodb_client.quick import QuickClient

from . import FaultyDynamoDB

# Short, so that a test of hanging calls is over soon; long enough for an answer of a busy MiniStack.
READ_TIMEOUT_SECONDS = 0.5


class ClientOfIt:
    """The project's own client, as it talks to the faulty DynamoDB. Made once, because making one takes long.

    With `hurried` a call that hangs has timed out at once; otherwise after READ_TIMEOUT_SECONDS.
    """

    def __init__(self, faulty: FaultyDynamoDB, *, hurried: bool) -> None:
        self._quota = RetryQuota()
        with pytest.MonkeyPatch.context() as while_made:
            while_made.setenv("AWS_ENDPOINT_URL_DYNAMODB", faulty.url)
            while_made.setattr(standard.quota, "RetryQuota", lambda: self._quota)
            if not hurried:  # what hangs needs none
                while_made.setattr(client, "READ_TIMEOUT_SECONDS", READ_TIMEOUT_SECONDS)
            self.made: QuickClient = client._make_client.__wrapped__()
        if hurried:
            faulty.hurry(self.made)

    def forget(self) -> None:
        """As if it had never had to try a call again: the SDK stops trying where it often had to."""
        self._quota.release(RetryQuota.INITIAL_CAPACITY)


@pytest.fixture(scope="session")
def faulty_dynamodb(ministack: str) -> Iterator[FaultyDynamoDB]:
    """One for each worker of the test run."""
    faulty = FaultyDynamoDB(ministack)
    yield faulty
    faulty.stop()


@pytest.fixture(scope="session")
def waiting_client(faulty_dynamodb: FaultyDynamoDB) -> Iterator[ClientOfIt]:
    waiting = ClientOfIt(faulty_dynamodb, hurried=False)
    yield waiting
    waiting.made.close()


@pytest.fixture(scope="session")
def hurried_client(faulty_dynamodb: FaultyDynamoDB) -> Iterator[ClientOfIt]:
    hurried = ClientOfIt(faulty_dynamodb, hurried=True)
    yield hurried
    hurried.made.close()


@pytest.fixture
def client_of_dynamodb(waiting_client: ClientOfIt) -> ClientOfIt:
    """The one that tests of a folder have; `turn_faults` has the hurried one."""
    return waiting_client


@pytest.fixture
def dynamodb(
    faulty_dynamodb: FaultyDynamoDB, client_of_dynamodb: ClientOfIt, tables: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FaultyDynamoDB]:
    """A DynamoDB with empty tables and no fault yet. The project's own client, with short timeouts, talks to it."""
    faulty_dynamodb.forget()
    client_of_dynamodb.forget()
    made = client_of_dynamodb.made
    monkeypatch.setattr(client, "_make_client", lambda: made)
    yield faulty_dynamodb
    faulty_dynamodb.recover()
