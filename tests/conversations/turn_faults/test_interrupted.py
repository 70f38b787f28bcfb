"""A turn whose process died is in the way of the next one, and the table fails while it is booked."""

import datetime as dt

import pytest

from conversations.domain import PendingTurn
from conversations.store import turn_begin
from core.deadline import Deadline
from tests.conversations.hearing import SESSION, ask
from tests.conversations.holding import whole_history
from tests.faulty_dynamodb import FaultyDynamoDB, Kind, Operation
from tests.scripted_bedrock import ScriptedBedrock

from .books import ANSWER, BEFORE, MESSAGE, Books, assert_sent_once, pairs
from .cells import LOST, REFUSED, SILENT, first_and_later, json_and_stream

LONG_AGO = dt.timedelta(minutes=5)
# What the booking asks of the table: the refusal that finds the turn, the transaction, and the turn that begins.
OF_TRANSACTIONS: list[Kind] = [*REFUSED, *SILENT, *LOST, "conflict", "action_throttle", "in_progress"]
STEPS: list[tuple[Operation, list[Kind], int]] = [
    ("UpdateItem", [*REFUSED, *SILENT, "conflict"], 0),
    ("TransactWriteItems", OF_TRANSACTIONS, 0),
    ("UpdateItem", [*REFUSED, *SILENT, *LOST, "conflict"], 1),
]
FAULTS = [(operation, kind, skip) for operation, kinds, skip in STEPS for kind in kinds]
lasting = pytest.mark.parametrize("kind", OF_TRANSACTIONS)


def leave_a_dead_turn() -> None:
    """A turn of the session that nobody runs, and whose lease ran out."""
    began = dt.datetime.now(dt.UTC) - LONG_AGO
    pending = PendingTurn("dead", "Lost?", "us.amazon.nova-pro-v1:0", began, began + dt.timedelta(seconds=75))
    turn_begin.begin(SESSION, owner="anonymous", title="Lost?", pending=pending, deadline=Deadline.after(5))


def assert_found_interrupted(books: Books, *, failures: int) -> None:
    """Its message is where it was, whether it is booked yet or not."""
    history = whole_history(books.api, failures=failures)
    pending = history["pending"]
    assert (pending["message"], pending["state"], pending["error_code"]) == ("Lost?", "failed", "interrupted")
    assert pairs(history["messages"]) == [(BEFORE, f"You said: {BEFORE}")] * books.earlier


@json_and_stream
@first_and_later
@pytest.mark.parametrize(("operation", "kind", "skip"), FAULTS)
def test_a_passing_fault_of_the_table_is_not_noticed_and_books_it_once(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, operation: Operation, kind: Kind, skip: int
) -> None:
    leave_a_dead_turn()
    books.failures = 1
    dynamodb.fault(kind, operation, skip=skip)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of(operation)].count(kind) == 1
    books.assert_kept(heard, "answered")
    assert_sent_once(bedrock, books.earlier)
    books.assert_ends_well(heard, "answered")


@json_and_stream
@first_and_later
@lasting
@pytest.mark.usefixtures("_impatient")
def test_a_lasting_fault_while_it_is_booked_is_told_and_the_next_message_books_it_once(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, kind: Kind
) -> None:
    leave_a_dead_turn()
    dynamodb.fault(kind, "TransactWriteItems", times=None)
    heard = ask(books.api, books.question)
    dynamodb.recover()
    assert heard.problem is not None
    assert (heard.problem["status"], heard.problem["code"]) == (503, "store_unavailable")
    assert_found_interrupted(books, failures=int(kind in LOST))
    assert len(bedrock.requests) == books.earlier
    books.failures = 1
    answered = ask(books.api, books.question)
    books.assert_kept(answered, "answered")
    assert answered.answer is not None
    assert answered.answer["response"] == ANSWER == f"You said: {MESSAGE}"
    assert_sent_once(bedrock, books.earlier)


@json_and_stream
@first_and_later
@lasting
@pytest.mark.usefixtures("_impatient")
def test_a_lasting_fault_while_it_is_cleared_is_told_and_it_is_booked_once(
    dynamodb: FaultyDynamoDB, books: Books, kind: Kind
) -> None:
    leave_a_dead_turn()
    dynamodb.fault(kind, "TransactWriteItems", times=None)
    assert books.api.delete(f"/sessions/{SESSION}/pending").status_code == 503
    dynamodb.recover()
    assert_found_interrupted(books, failures=int(kind in LOST))
    assert books.api.delete(f"/sessions/{SESSION}/pending").status_code == 204
    assert whole_history(books.api, failures=1)["pending"] is None
