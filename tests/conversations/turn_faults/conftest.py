"""A turn whose waits are short, and a table whose faults last longer than anybody's patience."""

import httpx
import pytest

from conversations.services import session_cache
from tests.conversations.hearing import Question, ask
from tests.conversations.short_waits import be_impatient, be_quick
from tests.faulty_dynamodb.fixtures import ClientOfIt

from .books import BEFORE, MESSAGE, Books


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    be_quick(monkeypatch)


@pytest.fixture
def client_of_dynamodb(hurried_client: ClientOfIt) -> ClientOfIt:
    """The one whose hanging calls have timed out at once."""
    return hurried_client


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(monkeypatch)


@pytest.fixture
def books(api: httpx.Client, monkeypatch: pytest.MonkeyPatch, earlier: int, stream: bool) -> Books:
    """A session with so many turns, of which this process remembers nothing."""
    for _ in range(earlier):
        assert ask(api, Question(BEFORE)).answer
    session_cache.cache._entries.clear()
    return Books(api, monkeypatch, Question(MESSAGE, key="k-1", stream=stream), earlier)
