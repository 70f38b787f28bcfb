"""A turn whose waits are short, and a table whose faults last longer than anybody's patience."""

from collections.abc import Callable
from typing import TypeVar

import httpx
import pytest
from botocore.retries.standard import ExponentialBackoff

from bedrock_client import attempts
from conversations.services import session_cache, stop_turn
from conversations.store import head_update, turn_end
from core.deadline import Deadline
from dynamodb_client import paging
from dynamodb_client.retrying import through_conflicts
from tests.conversations.hearing import Question, ask
from tests.faulty_dynamodb.fixtures import ClientOfIt

from .books import BEFORE, MESSAGE, Books

T = TypeVar("T")
PATIENCE_SECONDS = 0.1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits, waits in milliseconds."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.002)
    monkeypatch.setattr(attempts, "FIRST_WINDOW", 0.005)
    monkeypatch.setattr(attempts, "MOST_ROUNDS", 4)
    monkeypatch.setattr(attempts, "LEAST_SECONDS", 0.1)
    monkeypatch.setattr(stop_turn, "STOP_SECONDS", 0.05)
    monkeypatch.setattr(stop_turn, "_LOOK_SECONDS", 0.01)


@pytest.fixture
def client_of_dynamodb(hurried_client: ClientOfIt) -> ClientOfIt:
    """The one whose hanging calls have timed out at once."""
    return hurried_client


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of every call to the table is over soon, so that a fault lasts for longer than a turn does."""

    def soon(call: Callable[[], T], *, deadline: Deadline, outages_until: Deadline | None = None) -> T:
        outages = outages_until.at_most(PATIENCE_SECONDS) if outages_until else None
        return through_conflicts(call, deadline=deadline.at_most(PATIENCE_SECONDS), outages_until=outages)

    for module in (paging, head_update, turn_end):
        monkeypatch.setattr(module, "through_conflicts", soon)


@pytest.fixture
def books(api: httpx.Client, monkeypatch: pytest.MonkeyPatch, earlier: int, stream: bool) -> Books:
    """A session with so many turns, of which this process remembers nothing."""
    for _ in range(earlier):
        assert ask(api, Question(BEFORE)).answer
    session_cache.cache._entries.clear()
    return Books(api, monkeypatch, Question(MESSAGE, key="k-1", stream=stream), earlier)
