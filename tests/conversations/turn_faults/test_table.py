"""The table refuses, is silent or loses its answers, for one call or for longer than anybody waits."""

from itertools import product

import pytest

from tests.conversations.hearing import ask
from tests.faulty_dynamodb import FaultyDynamoDB, Kind, Operation
from tests.scripted_bedrock import ScriptedBedrock

from .books import ANSWER, Books, Fate, assert_sent_once
from .cells import LOST, REFUSED, SILENT, json_and_stream

# What a turn asks of the table: to begin, its context, to end, and whether it was answered before.
TABLE_FAULTS: dict[Operation, list[Kind]] = {
    "UpdateItem": [*REFUSED, *SILENT, *LOST, "conflict"],
    "Query": [*REFUSED, *SILENT],
    "TransactWriteItems": [*REFUSED, *SILENT, *LOST, "conflict", "action_throttle", "in_progress"],
    "GetItem": [*REFUSED, *SILENT],
}
TABLE_CELLS = [
    pytest.param(operation, kind, earlier, id=f"{operation}-{kind}-{'later' if earlier else 'first'} turn")
    for operation, kinds in TABLE_FAULTS.items()
    for kind, earlier in product(kinds, (0, 1))
    if earlier or operation != "Query"  # a first turn has no context to read
]


@json_and_stream
@pytest.mark.parametrize(("operation", "kind", "earlier"), TABLE_CELLS)
def test_a_passing_fault_of_the_table_is_not_noticed(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, operation: Operation, kind: Kind
) -> None:
    before = len(dynamodb.of(operation))
    dynamodb.fault(kind, operation)
    heard = ask(books.api, books.question)
    tries = dynamodb.of(operation)[before:]
    assert [request.fault for request in tries[:2]] == [kind, None]
    assert all(again.body == tries[0].body for again in tries)
    books.assert_kept(heard, "answered")
    assert_sent_once(bedrock, books.earlier)
    books.assert_ends_well(heard, "answered")
    assert len(bedrock.requests) == books.earlier + 1


@json_and_stream
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(("operation", "kind", "earlier"), TABLE_CELLS)
def test_a_lasting_fault_of_the_table_is_told_and_leaves_the_books_in_order(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, operation: Operation, kind: Kind
) -> None:
    dynamodb.fault(kind, operation, times=None)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of(operation)].count(kind) > 1
    dynamodb.recover()
    assert heard.problem is not None
    assert (heard.problem["status"], heard.problem["code"]) == (503, "store_unavailable")
    fate = fate_of(operation, kind)
    books.assert_kept(heard, fate)
    asked = operation == "TransactWriteItems"
    assert heard.said == (ANSWER if asked and books.question.stream else "")
    assert len(bedrock.requests) == books.earlier + asked
    books.assert_ends_well(heard, fate)
    assert len(bedrock.requests) == books.earlier + asked + (fate != "unheard")


def fate_of(operation: Operation, kind: Kind) -> Fate:
    """What becomes of a message when this goes wrong for longer than anybody waits."""
    match operation:
        case "TransactWriteItems":
            return "unheard" if kind in LOST else "held"
        case "UpdateItem" if kind in LOST:
            return "held"
        case "Query":
            return "failed"
    return "nowhere"
