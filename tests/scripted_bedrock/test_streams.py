"""The scripted Bedrock streams as the real one does: botocore understands it, and a caller who leaves is noticed."""

import time
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from django.conf import settings

from . import WHOLE_ENDS, ScriptedBedrock, Tokens, frames

ASKED: dict[str, Any] = {
    "modelId": "us.amazon.nova-pro-v1:0",
    "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
    "inferenceConfig": {"maxTokens": 10},
}


@pytest.fixture
def boto(bedrock: ScriptedBedrock) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
    address = f"http://127.0.0.1:{settings.BEDROCK_PORT}"
    config = Config(retries={"total_max_attempts": 1}, read_timeout=5)
    client = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=address, config=config)
    yield client
    client.close()


def test_botocore_reads_an_answer(bedrock: ScriptedBedrock, boto: Any) -> None:  # noqa: ANN401  # see above
    bedrock.reply("Hello", "you there", usage=Tokens(input=1, output=2, cache_read=3), stop_reason="max_tokens")

    assert list(boto.converse_stream(**ASKED)["stream"]) == [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"delta": {"text": "Hello"}, "contentBlockIndex": 0}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"contentBlockDelta": {"delta": {"text": "you th"}, "contentBlockIndex": 1}},
        {"contentBlockDelta": {"delta": {"text": "ere"}, "contentBlockIndex": 1}},
        {"contentBlockStop": {"contentBlockIndex": 1}},
        {"messageStop": {"stopReason": "max_tokens"}},
        {
            "metadata": {
                "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 6, "cacheReadInputTokens": 3},
                "metrics": {"latencyMs": 321},
            }
        },
    ]


def test_botocore_reads_an_exception(bedrock: ScriptedBedrock, boto: Any) -> None:  # noqa: ANN401  # see above
    bedrock.stream("Hel", end="throttlingException")

    with closing(boto.converse_stream(**ASKED)["stream"]) as stream, pytest.raises(EventStreamError) as caught:
        list(stream)

    assert caught.value.response["Error"] == {"Code": "throttlingException", "Message": "scripted"}


def test_refuses_a_stream_as_it_refuses_a_call(bedrock: ScriptedBedrock, boto: Any) -> None:  # noqa: ANN401
    with pytest.raises(ClientError, match="must have at least one message"):
        boto.converse_stream(**{**ASKED, "messages": []})


def test_counts_the_same_tokens_for_a_stream(bedrock: ScriptedBedrock, boto: Any) -> None:  # noqa: ANN401
    plain = boto.converse(**ASKED)["usage"]

    assert list(boto.converse_stream(**ASKED)["stream"])[-1]["metadata"]["usage"] == plain


@pytest.mark.parametrize("end", WHOLE_ENDS)
def test_a_plain_call_gets_the_pieces_together(bedrock: ScriptedBedrock, boto: Any, end: str) -> None:  # noqa: ANN401
    gate = bedrock.gate()
    gate.open()
    bedrock.stream("One ", gate, frames.delta("not this"), "two", end=end)

    message = boto.converse(**ASKED)["output"]["message"]

    assert message == {"role": "assistant", "content": [{"text": "One two"}]}


@pytest.mark.parametrize("end", ["eof", "cut", "bad_checksum", "bad_json"])
def test_a_plain_call_gets_half_an_answer_from_a_broken_stream(bedrock: ScriptedBedrock, boto: Any, end: str) -> None:  # noqa: ANN401
    bedrock.stream("One ", end=end)

    assert "output" not in boto.converse(**ASKED)


def test_a_plain_call_gets_the_exception_of_a_stream(bedrock: ScriptedBedrock, boto: Any) -> None:  # noqa: ANN401
    bedrock.stream("One ", end="throttlingException")

    with pytest.raises(ClientError, match="ThrottlingException"):
        boto.converse(**ASKED)


def test_a_gate_holds_until_it_is_opened(bedrock: ScriptedBedrock, boto: Any) -> None:  # noqa: ANN401
    gate = bedrock.gate()
    bedrock.stream("One", gate, "two")

    events = iter(boto.converse_stream(**ASKED)["stream"])
    next(events)
    assert next(events)["contentBlockDelta"]["delta"] == {"text": "One"}
    assert gate.reached.wait(2)
    gate.open()
    assert next(events)["contentBlockDelta"]["delta"] == {"text": "two"}
    list(events)
    assert bedrock.closed_early == 0


def test_a_reset_opens_all_gates(bedrock: ScriptedBedrock) -> None:
    gate = bedrock.gate()

    bedrock.reset()

    assert gate.opened.is_set()


@pytest.mark.parametrize("end", ["stall", "drip", "silent_metadata"])
def test_notices_a_caller_who_leaves(bedrock: ScriptedBedrock, boto: Any, end: str) -> None:  # noqa: ANN401
    bedrock.stream("One", end=end)

    stream = boto.converse_stream(**ASKED)["stream"]
    events = iter(stream)
    next(events)
    next(events)
    stream.close()

    until = time.monotonic() + 2
    while not bedrock.closed_early:
        assert time.monotonic() < until, "nobody noticed"
        time.sleep(0.01)


def test_knows_no_other_ends(bedrock: ScriptedBedrock) -> None:
    with pytest.raises(ValueError, match="no such end"):
        bedrock.stream("One", end="somehow")
