"""The model refuses, fails or is silent before its first text."""

from collections.abc import Callable

import pytest

from tests.conversations.hearing import Heard, ask
from tests.scripted_bedrock import ScriptedBedrock

from .books import Books, ask_in_a_hurry, assert_sent_once
from .cells import first_and_later, json_and_stream

Scripting = Callable[[ScriptedBedrock, int | None], None]


def refusing(code: str, message: str = "scripted") -> Scripting:
    return lambda bedrock, times: bedrock.fail(code, message, times=times)


PASSING: dict[str, tuple[Scripting, int, str]] = {
    "throttled": (refusing("ThrottlingException"), 429, "model_throttled"),
    "not ready": (refusing("ModelNotReadyException"), 429, "model_throttled"),
    "server error": (refusing("InternalServerException"), 503, "model_unavailable"),
    "unavailable": (refusing("ServiceUnavailableException"), 503, "model_unavailable"),
    "reset": (lambda bedrock, times: bedrock.reset_connection(times=times), 503, "model_unavailable"),
    "empty": (lambda bedrock, times: bedrock.reply("", times=times), 502, "model_error"),
}
AT_ONCE: dict[str, tuple[Scripting, int, str]] = {
    "timeout": (refusing("ModelTimeoutException"), 504, "deadline_exceeded"),
    "error": (refusing("ModelErrorException"), 502, "model_error"),
    "invalid": (refusing("ValidationException"), 502, "model_error"),
    "denied": (refusing("AccessDeniedException"), 502, "model_access_denied"),
    "blocked": (
        refusing("ValidationException", "This request has been blocked by our content filters."),
        422,
        "content_blocked",
    ),
    "hang": (lambda bedrock, times: bedrock.hang(times=times), 504, "deadline_exceeded"),
}


@json_and_stream
@first_and_later
@pytest.mark.parametrize("script", [script for script, _, _ in PASSING.values()], ids=PASSING)
def test_a_passing_refusal_of_the_model_is_not_noticed(
    bedrock: ScriptedBedrock, books: Books, script: Scripting
) -> None:
    script(bedrock, 1)
    heard = ask(books.api, books.question)
    assert len(bedrock.requests) == books.earlier + 2
    books.assert_kept(heard, "answered")
    books.assert_ends_well(heard, "answered")


@json_and_stream
@first_and_later
@pytest.mark.parametrize(("script", "status", "code"), PASSING.values(), ids=PASSING)
def test_a_lasting_refusal_of_the_model_is_told_and_the_message_kept(
    bedrock: ScriptedBedrock, books: Books, script: Scripting, status: int, code: str
) -> None:
    script(bedrock, None)
    heard = ask_in_a_hurry(books)
    assert len(bedrock.requests) > books.earlier + 1
    assert_model_failed(bedrock, books, heard, status, code)


@json_and_stream
@first_and_later
@pytest.mark.parametrize(("script", "status", "code"), AT_ONCE.values(), ids=AT_ONCE)
def test_a_refusal_that_no_other_try_can_change_is_told_at_once(
    bedrock: ScriptedBedrock, books: Books, script: Scripting, status: int, code: str
) -> None:
    script(bedrock, None)
    heard = ask_in_a_hurry(books)
    assert_sent_once(bedrock, books.earlier)
    assert_model_failed(bedrock, books, heard, status, code)


@json_and_stream
@first_and_later
def test_a_model_that_cannot_be_reached_is_told_and_the_message_kept(bedrock: ScriptedBedrock, books: Books) -> None:
    bedrock.unreachable()
    heard = ask_in_a_hurry(books)
    assert len(bedrock.requests) == books.earlier
    assert_model_failed(bedrock, books, heard, 503, "model_unavailable")


@first_and_later
@pytest.mark.parametrize("stream", [False], ids=["JSON"])
def test_an_answer_that_is_cut_is_not_asked_for_again(bedrock: ScriptedBedrock, books: Books) -> None:
    bedrock.cut(times=None)
    heard = ask_in_a_hurry(books)
    assert_sent_once(bedrock, books.earlier)
    assert_model_failed(bedrock, books, heard, 502, "model_error")


def assert_model_failed(bedrock: ScriptedBedrock, books: Books, heard: Heard, status: int, code: str) -> None:
    """The caller heard of it, the message is kept, and all is well when the model is."""
    assert heard.problem is not None
    assert (heard.problem["status"], heard.problem["code"]) == (status, code)
    assert heard.said == ""
    books.assert_kept(heard, "failed")
    bedrock.reset()
    books.assert_ends_well(heard, "failed")
