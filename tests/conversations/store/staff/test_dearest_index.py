"""A day's dearest sessions are found among all of a shard's, however many there are, on however many pages."""

import datetime as dt
import random
from itertools import count, islice

import pytest

from conversations.store.staff.dearest_index import UNKNOWN_NANO_USD, Dearest, read_day
from conversations.store.tables import ACTIVITY_SHARDS, shard_of
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.stored import a_session
from tests.conversations.services.staff.booked import noon
from tests.faulty_dynamodb import FaultyDynamoDB

DAY = dt.date(2026, 11, 22)


@pytest.fixture
def ids() -> list[str]:
    """Sessions of one shard."""
    return list(islice((f"s{number}" for number in count() if not shard_of(f"s{number}", ACTIVITY_SHARDS)), 12))


@pytest.mark.parametrize("seed", range(3))
def test_the_dearest_of_a_shard_are_kept_and_the_dearest_left_out_is_known(
    seed: int, ids: list[str], tables: None
) -> None:
    costs = random.Random(seed).sample(range(1, 100), len(ids))  # noqa: S311  # no secret
    for session_id, cost in zip(ids, costs, strict=True):
        a_session(session_id, at=noon(DAY), cost_nano_usd=cost)
    ranked = sorted(zip(costs, ids, strict=True), reverse=True)
    kept = {session_id: cost for cost, session_id in ranked[:3]}
    assert read_day(DAY, keep=3) == Dearest(kept, left_out_nano_usd=ranked[2][0])
    assert read_day(DAY, keep=20) == Dearest({session_id: cost for cost, session_id in ranked}, left_out_nano_usd=0)
    least = ranked[1][0]
    assert read_day(DAY, keep=3, at_least=least) == Dearest(
        {session_id: cost for cost, session_id in ranked[:2]}, left_out_nano_usd=least - 1
    )


def test_all_pages_are_read_and_later_ones_asked_for_dearer_ones_alone(
    ids: list[str], dynamodb: FaultyDynamoDB
) -> None:
    for cost, session_id in enumerate(ids, start=1):
        a_session(session_id, at=noon(DAY) + dt.timedelta(seconds=cost), cost_nano_usd=cost, title="x" * 300_000)
    dynamodb.requests.clear()
    assert read_day(DAY, keep=2) == Dearest({ids[11]: 12, ids[10]: 11}, left_out_nano_usd=11)
    assert len(calls_made(dynamodb)) > ACTIVITY_SHARDS


def test_no_more_pages_are_read_than_may_be_and_what_was_left_out_is_unknown(
    ids: list[str], dynamodb: FaultyDynamoDB
) -> None:
    for cost, session_id in enumerate(ids, start=1):
        a_session(session_id, at=noon(DAY) + dt.timedelta(seconds=cost), cost_nano_usd=cost, title="x" * 300_000)
    dynamodb.requests.clear()
    found = read_day(DAY, keep=2, most_pages=2)
    assert found == Dearest({ids[11]: 12, ids[10]: 11}, left_out_nano_usd=UNKNOWN_NANO_USD)
    assert len(calls_made(dynamodb)) == ACTIVITY_SHARDS + 1
