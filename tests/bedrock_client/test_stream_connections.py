"""What becomes of the connection under a stream: back to the pool when it was read whole, closed when it was not."""

import contextlib

import pytest

from bedrock_client import BedrockError
from tests.scripted_bedrock import BROKEN_ENDS, WHOLE_ENDS, ScriptedBedrock

from .asking import ask, ask_for_stream, read, wait_until

TIMES = 5


def test_a_whole_stream_gives_its_connection_back(bedrock: ScriptedBedrock) -> None:
    ask()
    made = bedrock.connections_made

    for _ in range(TIMES):
        read(ask_for_stream())
    ask()

    assert bedrock.connections_made == made


@pytest.mark.parametrize("pieces", [(), ("One ",)])
@pytest.mark.parametrize("end", [*BROKEN_ENDS, "throttlingException", "validationException"])
def test_a_broken_stream_leaves_no_connection_open(bedrock: ScriptedBedrock, pieces: tuple[str, ...], end: str) -> None:
    ask()
    kept = bedrock.connections_open

    for _ in range(2):
        bedrock.stream(*pieces, end=end)
        with contextlib.suppress(BedrockError):  # without a text some are tried again and answered
            read(ask_for_stream(seconds=0.55, stall_seconds=0.05))

    wait_until(lambda: bedrock.connections_open <= kept)


@pytest.mark.parametrize("end", WHOLE_ENDS)
def test_a_whole_reply_leaves_no_connection_more_open(bedrock: ScriptedBedrock, end: str) -> None:
    ask()
    kept = bedrock.connections_open

    for _ in range(2):
        bedrock.stream("One ", end=end)
        read(ask_for_stream(stall_seconds=0.4))

    wait_until(lambda: bedrock.connections_open <= kept)


def test_closing_a_stream_closes_its_connection(bedrock: ScriptedBedrock) -> None:
    ask()
    kept = bedrock.connections_open
    gate = bedrock.gate()
    bedrock.stream("One ", gate, "two ", times=None)

    for _ in range(TIMES):
        stream = ask_for_stream()
        stream.close()
        stream.close()
        assert stream.text == "One "

    wait_until(lambda: bedrock.closed_early == TIMES)
    wait_until(lambda: bedrock.connections_open < kept)


def test_closing_a_stream_that_was_read_whole_leaves_its_connection(bedrock: ScriptedBedrock) -> None:
    stream = ask_for_stream("Hello")
    read(stream)
    made = bedrock.connections_made

    stream.close()
    read(ask_for_stream())

    assert bedrock.connections_made == made
    assert stream.reply.text == "You said: Hello"
