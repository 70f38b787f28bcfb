"""What becomes of a turn, a read and an erasure when single calls to DynamoDB go wrong."""

import httpx
import pytest
from pytest_django import Settings

from conversations.services import session_cache
from conversations.store.tables import SESSION_KEY, SessionRow, UsageRow
from tests.conversations.api.asking import problem, said
from tests.faulty_dynamodb import FaultyDynamoDB, Kind, Operation
from tests.scripted_bedrock import ScriptedBedrock

# By themselves they pass, or the write was carried out although nobody said so.
LOST_ANSWERS: list[Kind] = ["applied_reset", "applied_hang"]
PASSING: list[Kind] = ["throttle", "request_throttle", "server_error", "conflict", "hang", "reset", *LOST_ANSWERS]


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


@pytest.mark.parametrize("kind", PASSING)
def test_a_turn_begins_once_whatever_happens_to_its_first_write(
    api: httpx.Client, dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, kind: Kind
) -> None:
    dynamodb.fault(kind, "UpdateItem")
    assert ask(api).status_code == 200
    begun = [request.body["ExpressionAttributeValues"] for request in dynamodb.of("UpdateItem")]
    assert len(begun) > 1
    assert all(values == begun[0] for values in begun)
    assert len(bedrock.requests) == 1
    assert_stored_once(api, "Hello")


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


@pytest.mark.parametrize("kind", [*PASSING, "action_throttle", "in_progress"])
@pytest.mark.parametrize("earlier", [0, 1], ids=["first turn", "later turn"])
def test_a_turn_is_committed_once_whatever_happens_to_its_transaction(
    api: httpx.Client, dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, kind: Kind, earlier: int
) -> None:
    for _ in range(earlier):
        ask(api, "Before")
    dynamodb.fault(kind, "TransactWriteItems")
    assert ask(api).status_code == 200
    tries = dynamodb.of("TransactWriteItems")[earlier:]
    assert tries[0].fault == kind
    assert len(tries) > 1
    assert all(again.body == tries[0].body for again in tries)
    assert tries[0].body["ClientRequestToken"]
    assert len(bedrock.requests) == earlier + 1
    assert_stored_once(api, *["Before"] * earlier, "Hello")


@pytest.mark.parametrize("kind", LOST_ANSWERS)
def test_a_commit_whose_answers_are_all_lost_to_one_call_is_found_to_be_done(
    api: httpx.Client, dynamodb: FaultyDynamoDB, kind: Kind
) -> None:
    dynamodb.fault(kind, "TransactWriteItems", times=3)
    assert ask(api).status_code == 200
    assert len({request.body["ClientRequestToken"] for request in dynamodb.of("TransactWriteItems")}) == 1
    assert_stored_once(api, "Hello")


def test_a_turn_that_cannot_be_committed_in_time_keeps_its_message(
    api: httpx.Client, dynamodb: FaultyDynamoDB, settings: Settings
) -> None:
    settings.CHAT_DEADLINE_SECONDS = 1
    dynamodb.fault("conflict", "TransactWriteItems", times=None)
    assert problem(ask(api)) == (503, "store_unavailable")
    pending = api.get("/history/s").json()["pending"]
    assert (pending["message"], pending["state"]) == ("Hello", "pending")
    assert contents(api) == []
    assert booked() == []


@pytest.mark.parametrize(
    ("operation", "path"), [("Query", "/history/s"), ("GetItem", "/history/s"), ("Query", "/sessions")]
)
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


def test_the_context_is_read_in_spite_of_a_throttle(
    api: httpx.Client, dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock
) -> None:
    ask(api, "Before")
    forget_sessions()
    dynamodb.fault("throttle", "Query")
    assert ask(api).status_code == 200
    assert dynamodb.of("Query")[0].fault == "throttle"
    assert said(bedrock.requests[-1]) == [("user", "Before"), ("assistant", "You said: Before"), ("user", "Hello")]
    assert_stored_once(api, "Before", "Hello")


def test_a_context_that_cannot_be_read_fails_the_turn_and_keeps_its_message(
    api: httpx.Client, dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock
) -> None:
    ask(api, "Before")
    forget_sessions()
    dynamodb.fault("reset", "Query", times=None)
    assert problem(ask(api)) == (503, "store_unavailable")
    dynamodb.recover()
    pending = api.get("/history/s").json()["pending"]
    assert (pending["message"], pending["state"], pending["error_code"]) == ("Hello", "failed", "store_unavailable")
    assert len(bedrock.requests) == 1
    assert contents(api) == ["Before", "You said: Before"]
    assert booked() == [(1, 1)]


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
