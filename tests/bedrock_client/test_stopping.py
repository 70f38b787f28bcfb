"""A call that another thread stops: while it pauses, while the model thinks, while it speaks."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.test import override_settings

from bedrock_client import CallStopped, ReplyStream, Stop, Usage, converse, converse_stream
from bedrock_client.regions import resting_regions
from core.deadline import Deadline
from tests.scripted_bedrock import ScriptedBedrock, Tokens

from .asking import FALLBACK, ask_for_stream, question, read, read_until_broken, wait_until

ON_GREENLETS = """
from gevent import monkey
monkey.patch_all()
import json
import gevent
from django.conf import settings
settings.configure(
    AWS_REGION="us-east-1", BEDROCK_REGIONS=["us-east-1"], BEDROCK_FALLBACK_MODELS=[], BEDROCK_MODELS=[],
    BEDROCK_MODEL_ID="us.amazon.nova-pro-v1:0", GUNICORN_CONNECTIONS=100, CHAT_DEADLINE_SECONDS=30,
)
from bedrock_client import (CallStopped, DeadlineExceeded, ModelRequest, Stop, converse_stream)
from core.deadline import Deadline

streams = {}

def ask(model_id, stop, stall_seconds):
    request = ModelRequest(model_id, "Hello", max_tokens=10)
    try:
        stream = converse_stream(request, deadline=Deadline.after(20), stall_seconds=stall_seconds, stop=stop)
        streams[model_id] = stream
        list(stream)
    except (CallStopped, DeadlineExceeded) as error:
        return [error.code, streams[model_id].text if model_id in streams else ""]
    return ["whole", stream.text]

stops = [Stop(), Stop(), Stop(), Stop()]
asking = [
    gevent.spawn(ask, "us.amazon.nova-pro-v1:0", stops[0], 20),
    gevent.spawn(ask, "us.amazon.nova-lite-v1:0", stops[1], 20),
    gevent.spawn(ask, "us.amazon.nova-micro-v1:0", stops[2], 20),
    gevent.spawn(ask, "us.amazon.nova-2-lite-v1:0", stops[3], 0.2),
]
gevent.joinall(asking[2:])
while "us.amazon.nova-pro-v1:0" not in streams:
    gevent.sleep(0.01)
stops[0].set()
stops[1].set()
print(json.dumps([greenlet.get(timeout=10) for greenlet in asking]))
"""


def said(stream: ReplyStream) -> list[str]:
    """What is read from a stream until it is stopped."""
    pieces, error = read_until_broken(stream)
    assert (type(error), error.code, error.retryable) == (CallStopped, "turn_cancelled", False)
    return pieces


def test_a_stop_calls_what_is_registered_once() -> None:
    stop, calls = Stop(), list[str]()

    def first() -> None:
        calls.append("first")

    def second() -> None:
        calls.append("second")

    stop.register(first)
    stop.register(second)
    stop.unregister(second)
    assert (stop.is_set(), calls) == (False, [])
    stop.set()
    stop.set()
    assert (stop.is_set(), calls) == (True, ["first"])
    stop.register(second)
    assert calls == ["first", "second"]


def test_a_wait_ends_when_the_stop_is_set() -> None:
    stop = Stop()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(stop.wait, 30)
        stop.set()
        waiting.result(timeout=5)


@pytest.mark.parametrize("end", ["stall", "drip"])
def test_cuts_a_stream_whose_reader_waits(bedrock: ScriptedBedrock, end: str) -> None:
    bedrock.stream("One ", "two ", end=end)
    stop = Stop()

    stream = ask_for_stream(stop=stop)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(said, stream)
        wait_until(lambda: stream.text == "One two ")
        stop.set()
        assert reading.result(timeout=5) == ["One ", "two "]

    assert stream.text == "One two "
    wait_until(lambda: bedrock.closed_early == 1)
    assert not resting_regions.is_resting("us-east-1")


def test_cuts_a_stream_whose_model_thinks(bedrock: ScriptedBedrock) -> None:
    thinking = bedrock.gate()
    bedrock.stream("<thinking>Hm.", thinking, "</thinking>", "One ")
    stop = Stop()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask_for_stream, stop=stop)
        assert thinking.reached.wait(5)
        stop.set()
        with pytest.raises(CallStopped):
            asking.result(timeout=5)

    wait_until(lambda: bedrock.closed_early == 1)
    assert len(bedrock.requests) == 1


def test_says_nothing_more_though_it_has_arrived(bedrock: ScriptedBedrock) -> None:
    bedrock.reply("One two three four five six seven")
    stop = Stop()

    stream = ask_for_stream(stop=stop)
    assert next(stream) == "One tw"
    stop.set()

    assert said(stream) == []
    assert stream.text == "One tw"


def test_leaves_a_whole_reply_whole(bedrock: ScriptedBedrock) -> None:
    stop = Stop()

    stream = ask_for_stream("Hello", stop=stop)
    assert "".join(stream) == "You said: Hello"
    stop.set()

    assert stream.reply.text == "You said: Hello"
    connections = bedrock.connections_made
    assert read(ask_for_stream("Again")).text == "You said: Again"
    assert bedrock.connections_made == connections  # the connection that it had was not cut


def test_a_call_without_an_answer_yet_ends_when_bedrock_answers(bedrock: ScriptedBedrock) -> None:
    bedrock.together(2)
    stop = Stop()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask_for_stream, stop=stop)
        wait_until(lambda: len(bedrock.requests) == 1)
        stop.set()
        read(ask_for_stream())
        with pytest.raises(CallStopped):
            asking.result(timeout=5)


@override_settings(BEDROCK_REGIONS=["us-east-1", "us-west-2"], BEDROCK_FALLBACK_MODELS=[FALLBACK])
def test_asks_nobody_when_it_is_stopped_before(bedrock: ScriptedBedrock) -> None:
    stop = Stop()
    stop.set()

    with pytest.raises(CallStopped):
        converse(question(), deadline=Deadline.after(5), stop=stop)
    with pytest.raises(CallStopped):
        converse_stream(question(), deadline=Deadline.after(5), stall_seconds=1, stop=stop)

    assert bedrock.requests == []


@pytest.mark.parametrize("streamed", [False, True])
def test_ends_a_pause_between_tries(bedrock: ScriptedBedrock, streamed: bool) -> None:
    bedrock.fail("ThrottlingException", retry_after=20, times=None)
    stop = Stop()

    def ask() -> None:
        if streamed:
            converse_stream(question(), deadline=Deadline.after(30), stall_seconds=1, stop=stop)
        else:
            converse(question(), deadline=Deadline.after(30), stop=stop)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        wait_until(lambda: len(bedrock.requests) == 1)
        stop.set()
        with pytest.raises(CallStopped):
            asking.result(timeout=5)

    assert len(bedrock.requests) == 1


@override_settings(BEDROCK_REGIONS=["us-east-1", "us-west-2"])
def test_no_other_target_is_asked_after_a_stop(bedrock: ScriptedBedrock) -> None:
    refused = bedrock.gate()
    bedrock.stream(refused, end="throttlingException")
    stop = Stop()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(converse, question(), deadline=Deadline.after(30), stop=stop)
        assert refused.reached.wait(5)
        stop.set()
        refused.open()
        with pytest.raises(CallStopped):
            asking.result(timeout=5)

    assert len(bedrock.requests) == 1


def test_knows_what_was_billed_before_it_was_stopped(bedrock: ScriptedBedrock) -> None:
    speaking = bedrock.gate()
    bedrock.stream(usage=Tokens(input=10, output=1))
    bedrock.stream("One ", speaking)
    stop = Stop()

    stream = ask_for_stream(stop=stop)
    assert speaking.reached.wait(5)
    stop.set()
    with pytest.raises(CallStopped) as caught:
        list(stream)

    assert caught.value.usage == Usage(input_tokens=10, output_tokens=1)


def test_greenlets_are_cut_and_stall_like_threads(bedrock: ScriptedBedrock) -> None:
    bedrock.stream("One ", bedrock.gate(), "two ", model_id="us.amazon.nova-pro-v1:0")
    bedrock.stream("<thinking>Hm.", bedrock.gate(), "</thinking>", "One ", model_id="us.amazon.nova-lite-v1:0")
    bedrock.stream("One ", "two ", model_id="us.amazon.nova-micro-v1:0")
    bedrock.stream("One ", bedrock.gate(), "two ", model_id="us.amazon.nova-2-lite-v1:0")

    child = subprocess.run(
        [sys.executable, "-c", ON_GREENLETS],
        cwd=settings.BASE_DIR,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert json.loads(child.stdout) == [
        ["turn_cancelled", "One "],
        ["turn_cancelled", ""],
        ["whole", "One two "],
        ["deadline_exceeded", "One "],
    ]
    wait_until(lambda: bedrock.closed_early == 3)
