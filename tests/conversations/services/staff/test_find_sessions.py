"""Walking through the list of sessions, whatever is asked for, and however little one page may read."""

import datetime as dt
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conversations.domain import SessionState
from conversations.services.staff import find_sessions as finding
from conversations.services.staff.find_sessions import Found, SessionQuery, find_sessions
from conversations.store.staff import activity_index, owner_index
from conversations.store.staff.records import FIRST_ID, LAST_ID, Edge, Position
from conversations.store.tables import ACTIVITY_SHARDS, SessionRow
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.stored import YESTERDAY, a_session, a_stuck_session, sessions
from tests.faulty_dynamodb import FaultyDynamoDB

NOVA, LITE = "us.amazon.nova-pro-v1:0", "us.amazon.nova-lite-v1:0"
LAST = YESTERDAY.date()
FIRST = LAST - dt.timedelta(days=1)
FILTERS = st.builds(
    SessionQuery,
    first=st.sampled_from([FIRST, LAST]),
    last=st.just(LAST),
    owner=st.sampled_from(["", "alice", "bob"]),
    model_id=st.sampled_from(["", NOVA, LITE]),
    state=st.sampled_from([None, "idle", "failed"]),
)


@pytest.fixture
def stored(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of two days, some of one moment; and a page that may read so little that many find nothing."""
    monkeypatch.setattr(finding, "_MAX_QUERIES", ACTIVITY_SHARDS + 2)
    monkeypatch.setattr(activity_index, "FILTERED_CHUNKS", (1, 2))
    monkeypatch.setattr(owner_index, "FILTERED_CHUNKS", (1, 2))
    for number in range(36):
        at = YESTERDAY - dt.timedelta(days=number % 2, seconds=number // 4)  # two of each moment
        owner, models = "bob" if number % 4 == 0 else "alice", {LITE if number % 5 == 0 else NOVA}
        if number % 7 == 0:
            a_stuck_session(f"stuck-{number}", at=at, owner=owner, models=models)
        else:
            state: SessionState = "failed" if number % 11 == 0 else "idle"
            a_session(f"s{number}", at=at, owner=owner, models=models, state=state)


def matching(query: SessionQuery) -> list[str]:
    """The ids that a walk should come upon, from what was stored."""
    places: list[tuple[str, str]] = []
    for row in SessionRow.scan():
        state = "failed" if row.state == "pending" else row.state  # each of them is stuck
        is_wanted = (
            cast("dt.date", query.first).isoformat() <= row.updated_at[:10] <= cast("dt.date", query.last).isoformat()
            and query.owner in {"", row.owner}
            and (not query.model_id or query.model_id in row.models)
            and query.state in {None, state}
        )
        if is_wanted:
            places.append((row.updated_at, row.session_id))
    return [session_id for _, session_id in sorted(places, reverse=True)]


def pages_down(query: SessionQuery, limit: int) -> Iterator[Found]:
    """Every page from the top."""
    found = find_sessions(query, limit=limit)
    yield found
    for _ in range(500):
        if found.older is None:
            return
        found = find_sessions(query, limit=limit, older_than=found.older)
        yield found
    pytest.fail("the pages do not end")


def pages_up(query: SessionQuery, limit: int, found: Found) -> Iterator[Found]:
    """Every page from this one back to the top."""
    yield found
    for _ in range(500):
        if found.newer is None:
            return
        found = find_sessions(query, limit=limit, newer_than=found.newer)
        yield found
    pytest.fail("the pages do not end")


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # what is stored is the same for every example
)
@given(query=FILTERS, limit=st.integers(3, 9))
@example(query=SessionQuery(FIRST, LAST, state="failed"), limit=3)
@example(query=SessionQuery(FIRST, LAST, owner="alice", model_id=LITE), limit=1)
def test_a_walk_finds_every_session_once_on_the_way_down_and_all_of_them_on_the_way_up(
    stored: None, query: SessionQuery, limit: int
) -> None:
    expected = matching(query)
    down = list(pages_down(query, limit))
    assert [row.session_id for page in down for row in page.rows] == expected
    *below, top = [[row.session_id for row in page.rows] for page in pages_up(query, limit, down[-1])]
    found = [session_id for page in reversed(below) for session_id in page]
    # The page at the top is the first one, full as ever, so it may show again what stands on the page below it.
    assert [each for each in top if each not in found] + found == expected
    assert all(len(page.rows) == limit or page.older is None or page.is_cut for page in down)


@pytest.mark.parametrize("owner", ["", "alice"])
def test_the_way_back_from_a_page_without_a_session_leaves_none_out(
    tables: None, monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    monkeypatch.setattr(finding, "_MAX_QUERIES", ACTIVITY_SHARDS)
    monkeypatch.setattr(activity_index, "FILTERED_CHUNKS", (2,))
    monkeypatch.setattr(owner_index, "FILTERED_CHUNKS", (2,))
    a_session("top", state="failed")
    sessions(40, at=YESTERDAY - dt.timedelta(minutes=1))
    a_session("bottom", at=YESTERDAY - dt.timedelta(minutes=3), state="failed")
    query = SessionQuery(LAST, LAST, owner=owner, state="failed")
    bottom = next(page for page in pages_down(query, 1) if [row.session_id for row in page.rows] == ["bottom"])
    empty = find_sessions(query, limit=1, newer_than=bottom.newer)
    assert (empty.rows, empty.is_cut) == ([], True)
    assert find_sessions(query, limit=1, older_than=empty.older).rows == bottom.rows


@pytest.mark.parametrize(("state", "limits"), [("failed", [60, 240, 1000]), ("idle", [60]), (None, [51])])
def test_an_owners_sessions_of_a_state_are_looked_for_in_a_bounded_part_of_the_index(
    dynamodb: FaultyDynamoDB, state: SessionState | None, limits: list[int]
) -> None:
    sessions(1400)
    dynamodb.requests.clear()
    found = find_sessions(SessionQuery(owner="alice", state=state), limit=50)
    assert (len(found.rows), found.is_cut) == ((0, True) if state == "failed" else (50, False))
    assert [request.body["Limit"] for request in dynamodb.requests if request.operation == "Query"] == limits
    assert calls_made(dynamodb).count("BatchGetItem") == (0 if state == "failed" else 1)


@pytest.mark.parametrize("is_included", [True, False])
@pytest.mark.parametrize("session_id", [FIRST_ID, "one", LAST_ID])
def test_a_cursor_says_whether_it_takes_its_own_place_in(session_id: str, is_included: bool) -> None:
    edge = Edge(Position("2026-11-23T09:30:00.000000Z", session_id), is_included)
    assert Edge.from_cursor(edge.cursor()) == edge
    assert Edge.from_cursor(edge.turned().cursor()) != edge
