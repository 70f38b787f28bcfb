"""Model and table fail together."""

import pytest

from tests.conversations.hearing import ask
from tests.faulty_dynamodb import FaultyDynamoDB, Kind
from tests.scripted_bedrock import ScriptedBedrock

from .books import Books, Fate
from .cells import LOST, first_and_later, json_and_stream, only_stream


@json_and_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("kind", ["request_throttle", "hang", "conflict", "applied_reset"])
def test_a_message_is_kept_though_model_and_table_fail_together(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, kind: Kind
) -> None:
    bedrock.fail("ModelErrorException")
    dynamodb.fault(kind, "TransactWriteItems", times=None)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of("TransactWriteItems")].count(kind) > 1
    dynamodb.recover()
    assert heard.problem is not None
    assert (heard.problem["status"], heard.problem["code"]) == (502, "model_error")
    fate: Fate = "failed" if kind in LOST else "held"
    books.assert_kept(heard, fate)
    books.assert_ends_well(heard, fate)


@only_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("times", [1, 3, None], ids=["once", "in one call of the SDK", "until later"])
@pytest.mark.parametrize("kind", LOST)
def test_a_stream_that_breaks_off_is_marked_once_though_nobody_says_so(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, kind: Kind, times: int | None
) -> None:
    bedrock.stream("Half an ", "answer", end="reset")
    dynamodb.fault(kind, "TransactWriteItems", times=times)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of("TransactWriteItems")].count(kind) >= (times or 2)
    dynamodb.recover()
    assert heard.problem is not None
    assert (heard.said, heard.problem["code"]) == ("Half an answer", "model_unavailable")
    books.assert_kept(heard, "failed", partial=heard.said)
    books.assert_ends_well(heard, "failed")
