"""A turn whose waits are short, and one that gives up soon on a table that fails."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from botocore.retries.standard import ExponentialBackoff

from bedrock_client import attempts
from conversations.services import stop_turn
from conversations.store import head_update, turn_end
from core.deadline import Deadline
from dynamodb_client import paging
from dynamodb_client.retrying import through_conflicts

T = TypeVar("T")
PATIENCE_SECONDS = 0.1


def be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits, waits in milliseconds."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.002)
    monkeypatch.setattr(attempts, "FIRST_WINDOW", 0.005)
    monkeypatch.setattr(attempts, "MOST_ROUNDS", 4)
    monkeypatch.setattr(attempts, "LEAST_SECONDS", 0.1)
    monkeypatch.setattr(stop_turn, "STOP_SECONDS", 0.05)
    monkeypatch.setattr(stop_turn, "_LOOK_SECONDS", 0.01)


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of every call to the table is over soon, so that a fault lasts for longer than a turn does."""

    def soon(call: Callable[[], T], *, deadline: Deadline, outages_until: Deadline | None = None) -> T:
        outages = outages_until.at_most(PATIENCE_SECONDS) if outages_until else None
        return through_conflicts(call, deadline=deadline.at_most(PATIENCE_SECONDS), outages_until=outages)

    for module in (paging, head_update, turn_end):
        monkeypatch.setattr(module, "through_conflicts", soon)
