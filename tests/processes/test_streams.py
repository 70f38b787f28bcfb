"""Streams through gunicorn: told while they happen, and stopped from another process."""

import time

import httpx
import pytest

from tests.processes.books import booked, histories, said
from tests.processes.conftest import StartServer
from tests.processes.open_stream import open_stream
from tests.processes.server_process import ServerProcess
from tests.processes.waiting import until
from tests.scripted_bedrock import ScriptedBedrock

WORKER_CLASSES = ("gevent", "gthread")
# Two seconds are promised; the rest is for a machine that has much else to do.
STOPPED_WITHIN_SECONDS = 5


@pytest.fixture
def servers(start_server: StartServer) -> dict[str, ServerProcess]:
    """One of each kind, by worker class."""
    return {worker_class: start_server(worker_class=worker_class) for worker_class in WORKER_CLASSES}


def test_what_the_model_says_is_there_before_it_says_more(
    servers: dict[str, ServerProcess], client: httpx.Client, bedrock: ScriptedBedrock
) -> None:
    for worker_class, server in servers.items():
        first, second = bedrock.gate(), bedrock.gate()
        bedrock.stream("One", first, " two", second, " three")
        with open_stream(client, server.url, session_id=worker_class) as stream:
            event = stream.next()
            assert event is not None
            assert event[0] == "start"
            assert stream.next() == ("delta", {"text": "One"})
            first.open()
            assert stream.next() == ("delta", {"text": " two"})
            second.open()
            assert stream.next() == ("delta", {"text": " three"})
            name, done = stream.last()
            assert (name, done["response"]) == ("done", "One two three")


@pytest.mark.parametrize("worker_class", WORKER_CLASSES)
def test_a_turn_is_stopped_by_a_server_that_does_not_run_it(
    servers: dict[str, ServerProcess], client: httpx.Client, bedrock: ScriptedBedrock, worker_class: str
) -> None:
    (other,) = set(servers) - {worker_class}
    gate = bedrock.gate()
    bedrock.stream("Half an ", "answer", gate, " and never this")
    with open_stream(client, servers[worker_class].url, session_id="s") as stream:
        stream.until_text("answer")
        began = time.monotonic()
        stopped = client.delete(f"{servers[other].url}/sessions/s/pending")
        assert time.monotonic() - began < STOPPED_WITHIN_SECONDS
        assert stopped.status_code == 204
        name, done = stream.last()
    assert (name, done["response"], done["stop_reason"]) == ("done", "Half an answer", "cancelled")
    until(lambda: bedrock.closed_early == 1)
    history = histories(client, servers[other].url)["s"]
    assert [message["content"] for message in history["messages"]] == ["Hello", "Half an answer"]
    assert (history["messages"][1]["usage"], history["pending"]) == (done["usage"], None)
    assert booked() == said([history])
