"""What is sent, and what becomes of what comes back."""

import logging

import pytest

from bedrock_client import (
    ContentBlocked,
    DeadlineExceeded,
    ModelError,
    ModelReply,
    ModelRequest,
    Usage,
    converse,
    encoded_exchange,
    warm_up,
)
from core.deadline import Deadline
from tests.scripted_bedrock import ScriptedBedrock, Tokens

from .asking import MODEL, ask, question


def test_answers_a_conversation(bedrock: ScriptedBedrock) -> None:
    bedrock.reply("Hi ", "there.", usage=Tokens(input=12, output=3))

    assert ask() == ModelReply(
        text="Hi there.",
        stop_reason="end_turn",
        usage=Usage(input_tokens=12, output_tokens=3),
        latency_ms=321,
        model_id=MODEL,
        region="us-east-1",
    )


def test_sends_what_was_said_exactly_and_nothing_else(bedrock: ScriptedBedrock) -> None:
    said = " \x00 \u202eabc\u202c 👩‍👩‍👧 \n"
    request = ModelRequest(
        MODEL,
        "Two",
        max_tokens=100,
        history=[encoded_exchange(said, "One")],
        system="Be brief.",
        temperature=0.0,
        top_p=0.0,
    )

    converse(request, deadline=Deadline.after(10))

    [call] = bedrock.requests
    assert (call.model_id, call.region) == (MODEL, "us-east-1")
    assert call.body == {
        "messages": [
            {"role": "user", "content": [{"text": said}]},
            {"role": "assistant", "content": [{"text": "One"}]},
            {"role": "user", "content": [{"text": "Two"}]},
        ],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.0, "topP": 0.0},
    }


def test_sends_no_parameter_that_was_not_given(bedrock: ScriptedBedrock) -> None:
    ask("Hello")

    assert bedrock.requests[0].body == {
        "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
        "inferenceConfig": {"maxTokens": 100},
    }


def test_takes_thinking_out_even_across_blocks(bedrock: ScriptedBedrock) -> None:
    bedrock.reply("<thinking>They said", " hello.</thin", "king>\n\nHello ", "yourself. ")

    assert ask().text == "Hello yourself. "


def test_counts_cached_tokens_apart(bedrock: ScriptedBedrock) -> None:
    bedrock.reply("Yes.", usage=Tokens(input=5, output=2, cache_read=1_000, cache_write=30))

    usage = ask().usage

    assert usage == Usage(input_tokens=5, output_tokens=2, cache_read_tokens=1_000, cache_write_tokens=30)
    assert usage.prompt_tokens == 1_035


@pytest.mark.parametrize("stop_reason", ["max_tokens", "model_context_window_exceeded", "a_reason_of_2027"])
def test_passes_stop_reasons_through(bedrock: ScriptedBedrock, stop_reason: str) -> None:
    bedrock.reply("As far as", stop_reason=stop_reason)

    assert ask().stop_reason == stop_reason


@pytest.mark.parametrize(
    ("texts", "stop_reason"),
    [
        ((), "end_turn"),
        ((" \n",), "end_turn"),
        (("<thinking>Hm.</thinking>\n",), "end_turn"),
        (("<thinking>Hm, and then",), "max_tokens"),
        ((), "malformed_model_output"),
    ],
)
def test_asks_once_more_for_an_empty_answer_and_counts_both(
    bedrock: ScriptedBedrock, texts: tuple[str, ...], stop_reason: str
) -> None:
    bedrock.reply(*texts, stop_reason=stop_reason, usage=Tokens(input=10, output=4, cache_read=2))
    bedrock.reply("Now then.", usage=Tokens(input=10, output=3, cache_write=1))

    reply = ask()

    assert reply.text == "Now then."
    assert reply.usage == Usage(input_tokens=20, output_tokens=7, cache_read_tokens=2, cache_write_tokens=1)
    assert len(bedrock.requests) == 2


def test_an_empty_answer_twice_is_an_error_that_knows_what_was_billed(bedrock: ScriptedBedrock) -> None:
    bedrock.reply("", usage=Tokens(input=10, output=0), times=None)

    with pytest.raises(ModelError) as caught:
        ask()

    assert caught.value.code == "model_error"
    assert caught.value.usage == Usage(input_tokens=20)
    assert len(bedrock.requests) == 2


def test_a_failure_behind_an_empty_answer_knows_what_was_billed(bedrock: ScriptedBedrock) -> None:
    bedrock.reply("", usage=Tokens(input=10, output=1))
    bedrock.fail("ModelErrorException")

    with pytest.raises(ModelError) as caught:
        ask()

    assert caught.value.usage == Usage(input_tokens=10, output_tokens=1)


@pytest.mark.parametrize("stop_reason", ["content_filtered", "guardrail_intervened"])
def test_a_blocked_answer_is_no_answer(bedrock: ScriptedBedrock, stop_reason: str) -> None:
    bedrock.reply("I cannot", stop_reason=stop_reason, usage=Tokens(input=10, output=2))

    with pytest.raises(ContentBlocked) as caught:
        ask()

    assert caught.value.usage == Usage(input_tokens=10, output_tokens=2)
    assert len(bedrock.requests) == 1


def test_an_error_field_in_a_good_status_is_a_blocked_answer(bedrock: ScriptedBedrock) -> None:
    message = {"role": "assistant", "content": [{"text": ""}]}
    bedrock.raw(
        200, {"output": {"message": message}, "error": "blocked by our content filters", "stopReason": "end_turn"}
    )

    with pytest.raises(ContentBlocked):
        ask()

    assert len(bedrock.requests) == 1


def test_an_error_field_elsewhere_or_without_a_value_is_none(bedrock: ScriptedBedrock) -> None:
    message = {"role": "assistant", "content": [{"text": "Fine."}], "error": "not of the answer"}
    bedrock.raw(200, {"output": {"message": message}, "error": None, "stopReason": "end_turn"})

    assert ask().text == "Fine."


def test_an_answer_about_errors_is_an_answer(bedrock: ScriptedBedrock) -> None:
    bedrock.reply('The field is called "error".')

    assert ask().text == 'The field is called "error".'


def test_a_blocked_question_is_told_from_an_invalid_one(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ValidationException", "This request has been blocked by our content filters. Rephrase and retry.")

    with pytest.raises(ContentBlocked):
        ask()

    assert len(bedrock.requests) == 1


@pytest.mark.parametrize(
    "body", [b"<html>OK</html>", b"[]", b"null", b'{"usage": {"inputTokens": "many"}}', b"\xff", b""]
)
def test_a_good_status_without_an_answer_is_an_error_and_not_asked_again(bedrock: ScriptedBedrock, body: bytes) -> None:
    bedrock.raw(200, body)

    with pytest.raises(ModelError):
        ask()

    assert len(bedrock.requests) == 1


def test_usage_without_an_answer_is_not_lost(bedrock: ScriptedBedrock) -> None:
    bedrock.raw(200, {"stopReason": "end_turn", "usage": Tokens(input=10, output=2).to_wire()})

    with pytest.raises(ModelError) as caught:
        ask()

    assert caught.value.usage == Usage(input_tokens=10, output_tokens=2)


def test_an_answer_cut_in_the_middle_is_an_error_and_not_asked_again(bedrock: ScriptedBedrock) -> None:
    bedrock.cut()

    with pytest.raises(ModelError):
        ask()

    assert len(bedrock.requests) == 1


def test_content_of_an_unknown_kind_is_passed_over(bedrock: ScriptedBedrock) -> None:
    content = [{"aKindOf2027": {"x": 1}}, {"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "Fine."}]
    bedrock.raw(200, {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn"})

    assert ask() == ModelReply("Fine.", "end_turn", Usage(), 0, MODEL, "us-east-1")


def test_gives_up_at_the_deadline_and_does_not_ask_again(bedrock: ScriptedBedrock) -> None:
    bedrock.hang()

    with pytest.raises(DeadlineExceeded) as caught:
        ask(seconds=0.7)

    assert caught.value.retry_after == 1.0
    assert len(bedrock.requests) == 1


def test_begins_no_call_that_has_no_time(bedrock: ScriptedBedrock) -> None:
    with pytest.raises(DeadlineExceeded):
        ask(seconds=0.3)

    assert bedrock.requests == []


def test_a_short_deadline_does_not_shorten_the_next_call(bedrock: ScriptedBedrock) -> None:
    bedrock.hang(1.0)
    with pytest.raises(DeadlineExceeded):
        ask(seconds=0.6)
    bedrock.hang(0.8)
    bedrock.reply("In time.")

    assert ask().text == "In time."


def test_logs_what_the_vendor_said_and_nothing_that_a_user_said(
    bedrock: ScriptedBedrock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bedrock_client")
    bedrock.fail("ThrottlingException", "Too many\nrequests")
    bedrock.reply("")
    bedrock.reply("my private answer")

    ask("my private question")

    assert [record.getMessage() for record in caplog.records if record.name == "bedrock_client"] == [
        f"{MODEL} in us-east-1: model_throttled: ThrottlingException (request scripted): Too many requests",
        f"{MODEL} in us-east-1: model_error: no text, stop reason end_turn",
    ]


def test_warming_up_asks_nobody(bedrock: ScriptedBedrock) -> None:
    bedrock.unreachable()

    warm_up()


def test_what_the_scripted_bedrock_refuses_is_a_model_error(bedrock: ScriptedBedrock) -> None:
    with pytest.raises(ModelError, match="The provided model identifier is invalid"):
        converse(question(model_id="amazon.nova-ultra-v9:0"), deadline=Deadline.after(5))
