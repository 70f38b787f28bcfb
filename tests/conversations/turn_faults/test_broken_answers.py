"""The model breaks off behind its first text, or a filter blocks what it says."""

import pytest

from tests.conversations.hearing import ask
from tests.scripted_bedrock import BROKEN_ENDS, ScriptedBedrock

from .books import Books, ask_in_a_hurry, assert_sent_once
from .cells import first_and_later, json_and_stream, only_stream

BREAKS = {
    **dict.fromkeys(BROKEN_ENDS, "model_unavailable"),
    "stall": "deadline_exceeded",
    "drip": "deadline_exceeded",
    "internalServerException": "model_unavailable",
    "modelStreamErrorException": "model_unavailable",
    "serviceUnavailableException": "model_unavailable",
    "throttlingException": "model_throttled",
    "validationException": "model_error",
}


@only_stream
@first_and_later
@pytest.mark.parametrize(("end", "code"), BREAKS.items(), ids=BREAKS)
def test_a_stream_that_breaks_off_is_told_and_what_was_said_is_kept(
    bedrock: ScriptedBedrock, books: Books, end: str, code: str
) -> None:
    bedrock.stream("Half an ", "answer", end=end, times=None)
    heard = ask_in_a_hurry(books)
    assert_sent_once(bedrock, books.earlier)
    assert heard.problem is not None
    assert (heard.said, heard.problem["code"]) == ("Half an answer", code)
    books.assert_kept(heard, "failed", partial=heard.said)
    bedrock.reset()
    books.assert_ends_well(heard, "failed")


@json_and_stream
@first_and_later
def test_an_answer_that_a_filter_blocked_is_told_and_not_kept(bedrock: ScriptedBedrock, books: Books) -> None:
    bedrock.stream("Something bad", stop_reason="content_filtered")
    heard = ask(books.api, books.question)
    assert_sent_once(bedrock, books.earlier)
    assert heard.problem is not None
    assert heard.problem["code"] == "content_blocked"
    books.assert_kept(heard, "failed")
    books.assert_ends_well(heard, "failed")
