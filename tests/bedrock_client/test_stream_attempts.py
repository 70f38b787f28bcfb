"""Where and how often a stream is asked for: as a plain call is before its first text, never after."""

import pytest
from django.test import override_settings

from bedrock_client import (
    BedrockError,
    DeadlineExceeded,
    ModelAccessDenied,
    ModelError,
    ModelThrottled,
    ModelUnavailable,
)
from tests.scripted_bedrock import ScriptedBedrock, frames

from .asking import FALLBACK, MODEL, Pauses, ask_for_stream, read

TWO_REGIONS = override_settings(BEDROCK_REGIONS=["us-east-1", "us-west-2"])
WITH_FALLBACK = override_settings(BEDROCK_FALLBACK_MODELS=[FALLBACK])


def asked(bedrock: ScriptedBedrock) -> list[tuple[str, str]]:
    return [(call.model_id, call.region) for call in bedrock.requests]


@pytest.mark.parametrize(
    "code",
    [
        "ThrottlingException",
        "ModelNotReadyException",
        "ServiceQuotaExceededException",
        "InternalServerException",
        "ServiceUnavailableException",
        "ModelStreamErrorException",
    ],
)
def test_a_refusal_that_may_pass_is_tried_again_after_a_pause(bedrock: ScriptedBedrock, code: str) -> None:
    bedrock.fail(code, times=3)
    pauses = Pauses()

    assert read(ask_for_stream("Hello", pauses=pauses)).text == "You said: Hello"
    assert pauses.taken == [0.5, 1.0, 2.0]
    assert len(bedrock.requests) == 4


@pytest.mark.parametrize(
    "end",
    [
        "eof",
        "cut",
        "reset",
        "throttlingException",
        "internalServerException",
        "serviceUnavailableException",
        "modelStreamErrorException",
    ],
)
@pytest.mark.parametrize("pieces", [(), (" ", "<thinking>Hm")])
def test_a_stream_that_breaks_before_its_first_text_is_tried_again(
    bedrock: ScriptedBedrock, pieces: tuple[str, ...], end: str
) -> None:
    bedrock.stream(*pieces, end=end)

    assert read(ask_for_stream("Hello")).text == "You said: Hello"
    assert len(bedrock.requests) == 2


def test_an_answer_without_a_body_is_tried_again(bedrock: ScriptedBedrock) -> None:
    bedrock.raw(200, b"")

    assert read(ask_for_stream("Hello")).text == "You said: Hello"
    assert len(bedrock.requests) == 2


def test_a_broken_connection_is_tried_again(bedrock: ScriptedBedrock) -> None:
    bedrock.reset_connection()

    assert read(ask_for_stream("Hello")).text == "You said: Hello"
    assert len(bedrock.requests) == 2


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ValidationException", ModelError),
        ("ModelErrorException", ModelError),
        ("AccessDeniedException", ModelAccessDenied),
        ("ResourceNotFoundException", ModelAccessDenied),
        ("ModelTimeoutException", DeadlineExceeded),
    ],
)
@TWO_REGIONS
@WITH_FALLBACK
def test_what_no_other_try_can_change_surfaces_at_once(
    bedrock: ScriptedBedrock, code: str, meaning: type[BedrockError]
) -> None:
    bedrock.fail(code)

    with pytest.raises(meaning):
        ask_for_stream()

    assert len(bedrock.requests) == 1


@pytest.mark.parametrize("end", ["bad_checksum", "bad_json", "validationException"])
def test_an_answer_that_cannot_be_read_is_not_asked_for_again(bedrock: ScriptedBedrock, end: str) -> None:
    bedrock.stream(end=end)

    with pytest.raises(ModelError):
        ask_for_stream()

    assert len(bedrock.requests) == 1


def test_an_answer_that_is_no_stream_is_not_asked_for_again(bedrock: ScriptedBedrock) -> None:
    bedrock.raw(200, {"output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}}})

    with pytest.raises(ModelError):
        ask_for_stream()

    assert len(bedrock.requests) == 1


@pytest.mark.parametrize("pieces", [(), ("<thinking>Hm",)])
def test_gives_up_at_the_deadline_and_does_not_ask_again(bedrock: ScriptedBedrock, pieces: tuple[str, ...]) -> None:
    bedrock.stream(*pieces, end="stall")

    with pytest.raises(DeadlineExceeded):
        ask_for_stream(seconds=0.7)

    assert len(bedrock.requests) == 1


def test_gives_up_at_the_deadline_when_bedrock_says_nothing_at_all(bedrock: ScriptedBedrock) -> None:
    bedrock.hang()

    with pytest.raises(DeadlineExceeded):
        ask_for_stream(seconds=0.7)

    assert len(bedrock.requests) == 1


def test_throttled_until_the_deadline(bedrock: ScriptedBedrock) -> None:
    bedrock.stream(end="throttlingException", times=None)
    pauses = Pauses()

    with pytest.raises(ModelThrottled) as caught:
        ask_for_stream(pauses=pauses, seconds=8)

    assert pauses.taken == [0.5, 1.0, 2.0, 4.0]
    assert caught.value.retry_after == 8.0


def test_an_unreachable_bedrock_is_given_up_long_before_the_deadline(bedrock: ScriptedBedrock) -> None:
    bedrock.unreachable()
    pauses = Pauses()

    with pytest.raises(ModelUnavailable):
        ask_for_stream(pauses=pauses)

    assert pauses.taken == [0.5, 1.0]


@TWO_REGIONS
@WITH_FALLBACK
def test_every_region_then_every_fallback_takes_over_before_the_first_text(bedrock: ScriptedBedrock) -> None:
    bedrock.fail("ThrottlingException")
    bedrock.stream(end="serviceUnavailableException")
    bedrock.stream("<thinking>Hm.", end="eof")

    stream = ask_for_stream()

    assert (stream.model_id, stream.region) == (FALLBACK, "us-west-2")
    assert (read(stream).model_id, stream.reply.region) == (FALLBACK, "us-west-2")
    assert asked(bedrock) == [
        (MODEL, "us-east-1"),
        (MODEL, "us-west-2"),
        (FALLBACK, "us-east-1"),
        (FALLBACK, "us-west-2"),
    ]


@TWO_REGIONS
@WITH_FALLBACK
def test_nobody_takes_over_after_the_first_text(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("One ", end="throttlingException")

    stream = ask_for_stream()
    with pytest.raises(ModelThrottled):
        list(stream)

    assert asked(bedrock) == [(MODEL, "us-east-1")]


def test_a_first_frame_without_its_text_is_not_the_first_text(bedrock: ScriptedBedrock) -> None:
    bedrock.stream(frames.delta(""), end="eof")
    bedrock.reply("Now.")

    assert read(ask_for_stream()).text == "Now."
