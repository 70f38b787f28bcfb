"""A reply while it is given: its text, its end, and what is known of it then."""

import contextlib
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_client import ContentBlocked, ModelError, ModelReply, ModelRequest, Usage, encoded_exchange
from bedrock_client import converse_stream as streamed
from core.deadline import Deadline
from tests.scripted_bedrock import WHOLE_ENDS, ScriptedBedrock, Tokens, frames

from .asking import MODEL, ask, ask_for_stream, read

PIECES = st.lists(
    st.one_of(
        st.sampled_from(["<thinking>", "</thinking>", "<think", "ing>", "</", "<", " ", "\n", "\ud83d", "\ude00", "a"]),
        st.text(st.characters(exclude_categories=()), max_size=5),
    ),
    max_size=8,
)


def test_gives_the_reply_piece_by_piece(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("Hi ", "there", ".", usage=Tokens(input=12, output=3, cache_read=4))

    stream = ask_for_stream()
    assert (stream.model_id, stream.region, stream.text) == (MODEL, "us-east-1", "Hi ")
    assert list(stream) == ["Hi ", "there", "."]
    assert stream.text == "Hi there."
    assert stream.reply == ModelReply(
        text="Hi there.",
        stop_reason="end_turn",
        usage=Usage(input_tokens=12, output_tokens=3, cache_read_tokens=4),
        latency_ms=321,
        model_id=MODEL,
        region="us-east-1",
    )


def test_sends_what_a_plain_call_sends(bedrock: ScriptedBedrock) -> None:
    request = ModelRequest(
        MODEL,
        "Two",
        max_tokens=100,
        history=[encoded_exchange(" \x00 👩‍👩‍👧 \n", "One")],
        system="Be brief.",
        temperature=0.0,
        top_p=0.0,
    )

    read(streamed(request, deadline=Deadline.after(10), stall_seconds=5))

    [call] = bedrock.requests
    assert (call.operation, call.model_id, call.region) == ("converse-stream", MODEL, "us-east-1")
    assert call.body == {
        "messages": [
            {"role": "user", "content": [{"text": " \x00 👩‍👩‍👧 \n"}]},
            {"role": "assistant", "content": [{"text": "One"}]},
            {"role": "user", "content": [{"text": "Two"}]},
        ],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.0, "topP": 0.0},
    }


def test_a_piece_is_there_before_the_next_one_is_said(bedrock: ScriptedBedrock) -> None:
    first, second = bedrock.gate(), bedrock.gate()
    bedrock.stream("One", first, "two", second, "three")

    stream = ask_for_stream()
    assert next(stream) == "One"
    first.open()
    assert next(stream) == "two"
    assert stream.text == "Onetwo"
    second.open()
    assert list(stream) == ["three"]


def test_returns_with_the_first_text_that_can_be_seen(bedrock: ScriptedBedrock) -> None:
    behind = bedrock.gate()
    bedrock.stream("<thin", "king>Hm.", "</thinking>", "\n", " ", "Now", " then", behind, ".")

    stream = ask_for_stream()

    assert not behind.opened.is_set()
    assert stream.text == "Now"
    behind.open()
    assert list(stream) == ["Now", " then", "."]


def test_what_looked_like_a_tag_is_said_at_the_end(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("1 ", "<", end="whole")
    bedrock.stream("<think")

    assert list(ask_for_stream()) == ["1 ", "<"]
    assert list(ask_for_stream()) == ["<think"]


def test_two_halves_of_a_character_are_one(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("a\ud83d", "\ude00b", "\ud83d", "c", "\ude00")
    bedrock.reply("a\ud83d", "\ude00b", "\ud83d", "c", "\ude00")

    assert list(ask_for_stream()) == ["a", "😀b", "?c", "?"]
    assert ask().text == "a😀b?c?"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(pieces=PIECES)
def test_the_text_is_that_of_a_plain_call_wherever_it_is_cut(bedrock: ScriptedBedrock, pieces: list[str]) -> None:
    bedrock.reset()
    bedrock.stream(*pieces, times=None)

    try:
        plain = ask().text
    except ModelError:  # nothing to be seen in it
        with pytest.raises(ModelError):
            ask_for_stream()
    else:
        assert read(ask_for_stream()).text == plain


@pytest.mark.parametrize("end", WHOLE_ENDS)
def test_nothing_behind_the_end_of_the_message_can_spoil_it(bedrock: ScriptedBedrock, end: str) -> None:
    bedrock.stream("All ", "said.", end=end, usage=Tokens(input=2, output=3))

    reply = read(ask_for_stream(stall_seconds=0.4))

    known = end == "whole"
    usage = Usage(input_tokens=2, output_tokens=3) if known else None
    assert reply == ModelReply("All said.", "end_turn", usage, 321 if known else 0, MODEL, "us-east-1")


def test_waits_for_metadata_shortly_and_no_longer(bedrock: ScriptedBedrock) -> None:
    soon, late = bedrock.gate(), bedrock.gate()
    metadata = frames.metadata(Tokens(input=2, output=3))
    bedrock.stream("Said.", frames.stop("end_turn"), soon, metadata, end="eof")
    bedrock.stream("Said.", frames.stop("end_turn"), late, metadata, end="eof")
    timers = [threading.Timer(0.1, soon.open), threading.Timer(3, late.open)]
    for timer in timers:
        timer.start()

    assert read(ask_for_stream()).usage == Usage(input_tokens=2, output_tokens=3)
    assert read(ask_for_stream()).usage is None
    for timer in timers:
        timer.cancel()


def test_metadata_that_cannot_be_read_are_not_known(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("Said.", frames.stop("max_tokens"), frames.event("metadata", b'{"usage": "ma'))

    assert read(ask_for_stream()) == ModelReply("Said.", "max_tokens", None, 0, MODEL, "us-east-1")


def test_passes_over_what_is_not_said_to_the_user(bedrock: ScriptedBedrock) -> None:
    reasoning = {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hm."}}}
    bedrock.stream(
        frames.event("contentBlockStart", {"contentBlockIndex": 0, "start": {}}),
        frames.event("contentBlockDelta", reasoning),
        frames.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"aKindOf2027": {"x": 1}}}),
        frames.event("anEventOf2027", {"x": 1}),
        "Fine.",
        frames.delta(""),
    )

    assert list(ask_for_stream()) == ["Fine."]


@pytest.mark.parametrize("stop_reason", ["max_tokens", "model_context_window_exceeded", "a_reason_of_2027"])
def test_passes_stop_reasons_through(bedrock: ScriptedBedrock, stop_reason: str) -> None:
    bedrock.reply("As far as", stop_reason=stop_reason)

    assert read(ask_for_stream()).stop_reason == stop_reason


@pytest.mark.parametrize("stop_reason", ["content_filtered", "guardrail_intervened"])
@pytest.mark.parametrize("end", ["whole", "no_metadata"])
def test_a_blocked_reply_breaks_off(bedrock: ScriptedBedrock, stop_reason: str, end: str) -> None:
    bedrock.stream("I ", "cannot <", stop_reason=stop_reason, end=end, usage=Tokens(input=10, output=2))

    stream = ask_for_stream()
    with pytest.raises(ContentBlocked) as caught:
        list(stream)

    assert caught.value.usage == (Usage(10, 2) if end == "whole" else Usage())
    assert stream.text == "I cannot "
    assert len(bedrock.requests) == 1


def test_a_reply_blocked_before_its_first_text_is_refused(bedrock: ScriptedBedrock) -> None:
    bedrock.stream(stop_reason="guardrail_intervened", usage=Tokens(input=10, output=0))

    with pytest.raises(ContentBlocked) as caught:
        ask_for_stream()

    assert caught.value.usage == Usage(input_tokens=10)
    assert len(bedrock.requests) == 1


@pytest.mark.parametrize(
    ("pieces", "stop_reason"),
    [
        ((), "end_turn"),
        ((" \n",), "end_turn"),
        (("<thinking>Hm.</thinking>", "\n"), "end_turn"),
        (("<thinking>Hm, and then",), "max_tokens"),
    ],
)
def test_asks_once_more_for_an_empty_reply_and_counts_both(
    bedrock: ScriptedBedrock, pieces: tuple[str, ...], stop_reason: str
) -> None:
    bedrock.stream(*pieces, stop_reason=stop_reason, usage=Tokens(input=10, output=4, cache_read=2))
    bedrock.stream("Now then.", usage=Tokens(input=10, output=3, cache_write=1))

    reply = read(ask_for_stream())

    assert reply.text == "Now then."
    assert reply.usage == Usage(input_tokens=20, output_tokens=7, cache_read_tokens=2, cache_write_tokens=1)
    assert len(bedrock.requests) == 2


def test_an_empty_reply_twice_is_an_error_that_knows_what_was_billed(bedrock: ScriptedBedrock) -> None:
    bedrock.stream(usage=Tokens(input=10, output=0), times=None)

    with pytest.raises(ModelError) as caught:
        ask_for_stream()

    assert caught.value.usage == Usage(input_tokens=20)
    assert len(bedrock.requests) == 2


def test_a_break_behind_an_empty_reply_knows_what_was_billed(bedrock: ScriptedBedrock) -> None:
    bedrock.stream(usage=Tokens(input=10, output=1))
    bedrock.stream("Hel", stop_reason="content_filtered", usage=Tokens(input=10, output=2))

    with pytest.raises(ContentBlocked) as caught:
        list(ask_for_stream())

    assert caught.value.usage == Usage(input_tokens=20, output_tokens=3)


def test_there_is_no_reply_before_its_end(bedrock: ScriptedBedrock) -> None:
    stream = ask_for_stream()

    with contextlib.closing(stream), pytest.raises(RuntimeError, match="not whole"):
        _ = stream.reply


def test_reads_a_stream_on_a_connection_that_the_server_will_close(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("Hi ", "there.", keep_alive=False)

    assert read(ask_for_stream()).text == "Hi there."
