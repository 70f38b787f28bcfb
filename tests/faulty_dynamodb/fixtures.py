"""The fixture `dynamodb`, for `tests/conftest.py` to import."""

from collections.abc import Iterator

import pytest

from dynamodb_client import client

from . import FaultyDynamoDB

# Short, so that a test of hanging calls is over soon; long enough for an answer of a busy MiniStack.
READ_TIMEOUT_SECONDS = 0.5


@pytest.fixture
def dynamodb(ministack: str, tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyDynamoDB]:
    """A DynamoDB with empty tables and no fault yet. The project's own client, with short timeouts, talks to it."""
    faulty = FaultyDynamoDB(ministack)
    with pytest.MonkeyPatch.context() as while_made:
        while_made.setenv("AWS_ENDPOINT_URL_DYNAMODB", faulty.url)
        while_made.setattr(client, "READ_TIMEOUT_SECONDS", READ_TIMEOUT_SECONDS)
        made = client._make_client.__wrapped__()
    monkeypatch.setattr(client, "_make_client", lambda: made)
    yield faulty
    faulty.stop()
    made.close()
