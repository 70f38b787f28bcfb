"""SIGTERM while turns are under way: none is lost, whether the model goes on or not, and then the server ends."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from tests.conversations.api.asking import problem
from tests.processes.books import booked, failures_booked, histories, said
from tests.processes.conftest import StartServer
from tests.processes.open_stream import OpenStream, open_stream
from tests.processes.server_process import ServerProcess
from tests.processes.waiting import until
from tests.scripted_bedrock import Gate, ScriptedBedrock

pytestmark = pytest.mark.slow
STREAMS = [f"stream-{number}" for number in range(4)]
CHATS = [f"chat-{number}" for number in range(4)]
ABANDONED = "abandoned"
ABANDONED_MODEL = "us.amazon.nova-micro-v1:0"
# gunicorn looks once a second whether a connection is left, and leaves idle ones open for two.
WOULD_HAVE_ENDED_SECONDS = 3.5
ENDS_WITHIN_SECONDS = 15
DEADLINE_SECONDS = 3


@dataclass(frozen=True)
class Load:
    """Turns in the middle of their answers: `gate` holds those that are waited for, `last_gate` the abandoned one."""

    streams: list[OpenStream]
    chats: "list[Future[httpx.Response]]"
    gate: Gate
    last_gate: Gate


@pytest.fixture(params=["gevent", "gthread"])
def worker_class(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def callers() -> Iterator[ExitStack]:
    """Those who wait for an answer; they leave at the end of the test."""
    with ExitStack() as stack:
        yield stack


def put_under_load(server: ServerProcess, client: httpx.Client, bedrock: ScriptedBedrock, callers: ExitStack) -> Load:
    """Begins the turns, and returns when the model holds all of them."""
    gate, last_gate = bedrock.gate(), bedrock.gate()
    abandon_a_turn(server, client, bedrock, last_gate)
    bedrock.stream("Half", gate, " and whole", times=len(STREAMS) + len(CHATS))
    threads = callers.enter_context(ThreadPoolExecutor(len(CHATS)))
    orders = [{"message": "Hello", "session_id": session_id} for session_id in CHATS]
    chats = [threads.submit(client.post, f"{server.url}/chat", json=order) for order in orders]
    streams = [callers.enter_context(open_stream(client, server.url, session_id=session_id)) for session_id in STREAMS]
    for stream in streams:
        stream.until_text("Half")
    until(lambda: len(bedrock.requests) == 1 + len(STREAMS) + len(CHATS))
    return Load(streams, chats, gate, last_gate)


def abandon_a_turn(server: ServerProcess, client: httpx.Client, bedrock: ScriptedBedrock, last_gate: Gate) -> None:
    """Begins a turn whose caller goes away. The server notices: it cannot send what is said behind that."""
    gone = bedrock.gate()
    bedrock.stream("Half", gone, *"unheard", last_gate, " and whole", model_id=ABANDONED_MODEL)
    with open_stream(client, server.url, session_id=ABANDONED, model_id=ABANDONED_MODEL) as stream:
        stream.until_text("Half")
    gone.open()
    assert last_gate.reached.wait(10)


def terminate(server: ServerProcess) -> None:
    server.terminate()
    until(lambda: "Handling signal: term" in server.log.read_text())


def test_every_turn_is_finished_and_stored_before_the_server_ends(
    start_server: StartServer,
    client: httpx.Client,
    bedrock: ScriptedBedrock,
    callers: ExitStack,
    server: str,
    worker_class: str,
) -> None:
    ending = start_server(worker_class=worker_class)
    load = put_under_load(ending, client, bedrock, callers)
    terminate(ending)
    load.gate.open()
    ends = [stream.last() for stream in load.streams]
    assert [(name, done["response"]) for name, done in ends] == [("done", "Half and whole")] * len(STREAMS)
    answers = [chat.result() for chat in load.chats]
    assert [answer.status_code for answer in answers] == [200] * len(CHATS)

    # Nobody is connected any more, and one turn is under way.
    time.sleep(WOULD_HAVE_ENDED_SECONDS)
    assert ending.is_alive()
    load.last_gate.open()
    assert ending.wait(ENDS_WITHIN_SECONDS) == 0

    stored = histories(client, server)
    said_last = {session_id: history["messages"][-1]["content"] for session_id, history in stored.items()}
    whole = dict.fromkeys([*STREAMS, *CHATS], "Half and whole")
    assert said_last == whole | {ABANDONED: "Halfunheard and whole"}
    assert booked() == said(stored.values())
    assert failures_booked() == 0


def test_turns_that_the_model_leaves_hanging_end_at_their_deadline_and_say_so(
    start_server: StartServer,
    client: httpx.Client,
    bedrock: ScriptedBedrock,
    callers: ExitStack,
    server: str,
    worker_class: str,
) -> None:
    ending = start_server(worker_class=worker_class, deadline_seconds=DEADLINE_SECONDS)
    load = put_under_load(ending, client, bedrock, callers)
    terminate(ending)
    ends = [stream.last() for stream in load.streams]
    assert [(name, error["code"]) for name, error in ends] == [("error", "deadline_exceeded")] * len(STREAMS)
    assert [problem(chat.result()) for chat in load.chats] == [(504, "deadline_exceeded")] * len(CHATS)
    assert ending.wait(ENDS_WITHIN_SECONDS) == 0

    stored = histories(client, server)
    kept = {
        session_id: (history["messages"], history["pending"]["state"], history["pending"]["partial_response"])
        for session_id, history in stored.items()
    }
    assert kept == (
        dict.fromkeys(STREAMS, ([], "failed", "Half"))
        | dict.fromkeys(CHATS, ([], "failed", None))
        | {ABANDONED: ([], "failed", "Halfunheard")}
    )
    assert {history["pending"]["error_code"] for history in stored.values()} == {"deadline_exceeded"}
    assert (booked(), failures_booked()) == (said([]), len(stored))
