"""Outages that outlast the SDK's own tries, reads and erasures whose calls go wrong.

What every single fault does to a turn stands in `tests/conversations/turn_faults`.
"""

import httpx
import pytest

from conversations.services import session_cache
from conversations.store.tables import SESSION_KEY, SessionRow, UsageRow
from tests.conversations.api.asking import problem
from tests.faulty_dynamodb import FaultyDynamoDB, Kind, Operation

# The write was carried out, although nobody said so.
LOST_ANSWERS: list[Kind] = ["applied_reset", "applied_hang"]


def ask(api: httpx.Client, message: str = "Hello") -> httpx.Response:
    return api.post("/chat", json={"message": message, "session_id": "s"})


def contents(api: httpx.Client) -> list[str]:
    return [message["content"] for message in api.get("/history/s", params={"limit": 100}).json()["messages"]]


def forget_sessions() -> None:
    """The next turn reads its context from the table, as in a process that never saw the session."""
    session_cache.cache._entries.clear()


def booked() -> list[tuple[float, float | None]]:
    """Turns and errors of every row of the ledger."""
    return [(row.turns, row.errors) for row in UsageRow.query("anonymous")]


def assert_stored_once(api: httpx.Client, *messages: str) -> None:
    """These turns are the whole history, nothing is pending, and session and ledger count each of them once."""
    assert contents(api) == [text for message in messages for text in (message, f"You said: {message}")]
    assert api.get("/history/s").json()["pending"] is None
    session = SessionRow.get("s", SESSION_KEY)
    assert (session.version, session.message_count) == (len(messages), 2 * len(messages))
    assert booked() == [(len(messages), None)]


@pytest.mark.parametrize("times", [2, 4], ids=["in one call of the SDK", "in two calls"])
def test_a_turn_whose_first_write_was_carried_out_in_vain_is_still_its_own(
    api: httpx.Client, dynamodb: FaultyDynamoDB, times: int
) -> None:
    dynamodb.fault("applied_reset", "UpdateItem", times=times)
    assert ask(api).status_code == 200
    assert_stored_once(api, "Hello")


@pytest.mark.parametrize("operation", ["UpdateItem", "Query"])
@pytest.mark.parametrize("kind", ["server_error", "reset"])
def test_a_turn_bridges_an_outage_that_is_longer_than_the_sdk_is_patient(
    api: httpx.Client, dynamodb: FaultyDynamoDB, operation: Operation, kind: Kind
) -> None:
    ask(api, "Before")
    forget_sessions()
    dynamodb.fault(kind, operation, times=5)
    assert ask(api).status_code == 200
    assert [request.fault for request in dynamodb.of(operation)].count(kind) == 5
    assert_stored_once(api, "Before", "Hello")


@pytest.mark.parametrize("kind", LOST_ANSWERS)
def test_a_commit_whose_answers_are_all_lost_to_one_call_is_found_to_be_done(
    api: httpx.Client, dynamodb: FaultyDynamoDB, kind: Kind
) -> None:
    dynamodb.fault(kind, "TransactWriteItems", times=3)
    assert ask(api).status_code == 200
    assert len({request.body["ClientRequestToken"] for request in dynamodb.of("TransactWriteItems")}) == 1
    assert_stored_once(api, "Hello")


@pytest.mark.parametrize(("operation", "path"), [("Query", "/history/s"), ("Query", "/sessions")])
@pytest.mark.parametrize("kind", ["throttle", "server_error", "hang", "reset"])
def test_a_read_is_tried_again(
    api: httpx.Client, dynamodb: FaultyDynamoDB, operation: Operation, path: str, kind: Kind
) -> None:
    ask(api)
    before = api.get(path).json()
    dynamodb.fault(kind, operation)
    assert api.get(path).json() == before
    assert kind in [request.fault for request in dynamodb.of(operation)]


@pytest.mark.parametrize("kind", ["throttle", "server_error", "hang", "reset"])
def test_a_read_that_never_succeeds_says_when_to_come_back(
    api: httpx.Client, dynamodb: FaultyDynamoDB, kind: Kind
) -> None:
    ask(api)
    dynamodb.fault(kind, "Query", times=None)
    answer = api.get("/history/s")
    assert problem(answer) == (503, "store_unavailable")
    assert (answer.json()["retryable"], answer.headers["retry-after"]) == (True, "2")
    assert len(dynamodb.of("Query")) >= 3


def test_erasing_goes_on_with_what_a_batch_left_over(api: httpx.Client, dynamodb: FaultyDynamoDB) -> None:
    for number in range(3):
        ask(api, str(number))
    dynamodb.fault("unprocessed", "BatchWriteItem", times=2)
    assert api.delete("/history/s").status_code == 204
    batches = [request.body["RequestItems"]["ChatbotConversations"] for request in dynamodb.of("BatchWriteItem")]
    assert [len(batch) for batch in batches] == [6, 3, 1]
    assert batches[0][3:] == batches[1]
    assert batches[1][2:] == batches[2]
    assert list(SessionRow.query("s")) == []


@pytest.mark.parametrize("operation", ["UpdateItem", "Query", "BatchWriteItem", "DeleteItem"])
@pytest.mark.parametrize("kind", ["server_error", "reset", *LOST_ANSWERS])
def test_erasing_is_finished_whatever_happens_to_one_of_its_calls(
    api: httpx.Client, dynamodb: FaultyDynamoDB, operation: Operation, kind: Kind
) -> None:
    ask(api)
    dynamodb.fault(kind, operation)
    assert api.delete("/history/s").status_code == 204
    assert dynamodb.of(operation)[-2].fault == kind
    assert list(SessionRow.query("s")) == []


@pytest.mark.parametrize("operation", ["Query", "BatchWriteItem", "DeleteItem"])
def test_an_erasure_that_broke_off_is_finished_by_the_next(
    api: httpx.Client, dynamodb: FaultyDynamoDB, operation: Operation
) -> None:
    ask(api)
    dynamodb.fault("reset", operation, times=None)
    assert problem(api.delete("/history/s")) == (503, "store_unavailable")
    dynamodb.recover()
    assert problem(api.get("/history/s")) == (404, "session_not_found")
    assert api.delete("/history/s").status_code == 204
    assert list(SessionRow.query("s")) == []
