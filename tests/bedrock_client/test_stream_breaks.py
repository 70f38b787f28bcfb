"""What becomes of a reply that breaks off after its first text: an error, what was said, and no second call."""

import threading

import pytest
from django.test import override_settings

from bedrock_client import (
    BedrockError,
    DeadlineExceeded,
    ModelError,
    ModelReply,
    ModelThrottled,
    ModelUnavailable,
)
from bedrock_client.regions import resting_regions
from tests.scripted_bedrock import ScriptedBedrock, Tokens, frames

from .asking import FALLBACK, MODEL, ask_for_stream, read, read_until_broken, wait_until

ENDS: list[tuple[str, type[BedrockError]]] = [
    ("eof", ModelUnavailable),
    ("cut", ModelUnavailable),
    ("reset", ModelUnavailable),
    ("stall", DeadlineExceeded),
    ("bad_checksum", ModelUnavailable),
    ("bad_json", ModelUnavailable),
    ("throttlingException", ModelThrottled),
    ("internalServerException", ModelUnavailable),
    ("serviceUnavailableException", ModelUnavailable),
    ("modelStreamErrorException", ModelUnavailable),
    ("modelTimeoutException", DeadlineExceeded),
    ("validationException", ModelError),
    ("exceptionOf2027Exception", ModelError),
]


@override_settings(BEDROCK_REGIONS=["us-east-1", "us-west-2"], BEDROCK_FALLBACK_MODELS=[FALLBACK])
@pytest.mark.parametrize(("end", "meaning"), ENDS)
def test_breaks_off_with_what_was_said(bedrock: ScriptedBedrock, end: str, meaning: type[BedrockError]) -> None:
    bedrock.stream("One ", "two ", "<thin", end=end)

    stream = ask_for_stream(stall_seconds=0.2 if end == "stall" else 10)
    pieces, error = read_until_broken(stream)

    assert (pieces, stream.text) == (["One ", "two "], "One two ")
    assert isinstance(error, meaning)
    assert (error.retryable, error.retry_after) == ((False, None) if meaning is ModelError else (True, 1.0))
    assert len(bedrock.requests) == 1
    with pytest.raises(RuntimeError):
        _ = stream.reply


@pytest.mark.parametrize(
    "frame",
    [
        frames.event("contentBlockDelta", {"contentBlockIndex": 0}),
        frames.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": None}),
        frames.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": 7}}),
        frames.event("contentBlockDelta", b"[]"),
        frames.event("contentBlockDelta", b"\xff"),
        frames.event("contentBlockDelta", b""),
        frames.event("messageStop", {}),
        frames.event("messageStop", {"stopReason": None}),
        frames.event("messageStop", b"{"),
        b"no frame at all, and longer than the head of one",
    ],
)
def test_a_frame_that_cannot_be_read_is_not_passed_over(bedrock: ScriptedBedrock, frame: bytes) -> None:
    bedrock.stream("One ", frame, "three.")

    pieces, error = read_until_broken(ask_for_stream())

    assert pieces == ["One "]
    assert (error.code, error.retryable) == ("model_unavailable", True)


def test_an_error_outside_the_service_model_is_an_error(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("One ", frames.unnamed_error("InternalServerException"))

    pieces, error = read_until_broken(ask_for_stream())

    assert (pieces, error.code) == (["One "], "model_unavailable")


@pytest.mark.parametrize("end", ["stall", "drip"])
def test_the_deadline_breaks_a_reply_off(bedrock: ScriptedBedrock, end: str) -> None:
    bedrock.stream("One ", "two ", end=end)

    pieces, error = read_until_broken(ask_for_stream(seconds=0.7, stall_seconds=5.0))

    assert pieces == ["One ", "two "]
    assert (error.code, error.retry_after) == ("deadline_exceeded", 1.0)
    wait_until(lambda: bedrock.closed_early == 1)


def test_bytes_that_come_slowly_are_no_stall(bedrock: ScriptedBedrock) -> None:
    gates = [bedrock.gate() for _ in range(3)]
    bedrock.stream("One ", gates[0], "two ", gates[1], "three ", gates[2], "four.")

    pieces = []
    stream = ask_for_stream(stall_seconds=1.0)
    for number, piece in enumerate(stream):
        pieces.append(piece)
        if number < len(gates):
            gates[number].reached.wait(5)
            gates[number].opened.wait(0.4)  # three of these are longer than a stall
            gates[number].open()

    assert pieces == ["One ", "two ", "three ", "four."]


def test_the_first_text_may_take_longer_than_a_stall(bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()
    rest = [frames.delta("</thinking>Now."), frames.stop("end_turn"), frames.metadata(Tokens(1, 1))]
    bedrock.stream("<thinking>Hm.", gate, b"".join(rest), end="eof")
    threading.Timer(0.4, gate.open).start()

    assert read(ask_for_stream(stall_seconds=0.2)).text == "Now."


@override_settings(BEDROCK_REGIONS=["us-east-1", "us-west-2"])
@pytest.mark.parametrize(
    ("end", "rests"), [("cut", True), ("bad_json", True), ("throttlingException", True), ("validationException", False)]
)
def test_a_region_whose_stream_broke_rests(bedrock: ScriptedBedrock, end: str, rests: bool) -> None:
    bedrock.stream("One ", end=end)

    read_until_broken(ask_for_stream())

    assert resting_regions.is_resting("us-east-1") is rests
    assert read(ask_for_stream()).region == ("us-west-2" if rests else "us-east-1")


def test_logs_why_it_broke_and_nothing_that_was_said(
    bedrock: ScriptedBedrock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="bedrock_client")
    bedrock.stream("my private ", "answer ", end="modelStreamErrorException")

    read_until_broken(ask_for_stream("my private question"))

    [line] = [record.getMessage() for record in caplog.records if record.name == "bedrock_client"]
    assert line == (
        f"{MODEL} in us-east-1 broke off: model_unavailable: modelStreamErrorException (request scripted): "
        '{"message": "scripted"}'
    )


def test_after_a_break_a_new_stream_is_whole(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("One ", end="cut")
    bedrock.reply("Whole.")

    read_until_broken(ask_for_stream())

    reply = read(ask_for_stream())
    assert isinstance(reply, ModelReply)
    assert reply.text == "Whole."
