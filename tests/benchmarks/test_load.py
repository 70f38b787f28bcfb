"""The callers: what they say, in which sessions, and what counts as a failure."""

import asyncio
import json
from typing import cast

import pytest

from benchmarks.callers import Caller, Request, WrongAnswer, ask
from benchmarks.cases import Case, State
from benchmarks.http_client import Connection
from benchmarks.load import Order, play
from benchmarks.measurement import Chat
from benchmarks.words import QUESTION


def sessions(case: Case, chats: int) -> list[str]:
    caller = Caller(case, "r0", 7)
    return [json.loads(caller.request().body)["session_id"] for _ in range(chats)]


def test_every_chat_is_in_a_session_of_its_own() -> None:
    assert sessions(Case("any", 32, 1.0), 2) == ["new-r0-7-0", "new-r0-7-1"]
    assert sessions(Case("any", 32, 1.0, turns=50), 2) == ["cold50-r0-7-0", "cold50-r0-7-1"]


@pytest.mark.parametrize("state", ["warm", "behind"])
def test_sessions_that_the_process_knows_come_again(state: State) -> None:
    case = Case("any", 48, 1.0, turns=5, state=state)

    assert sessions(case, 3) == [f"{state}5-r0-7-0", f"{state}5-r0-7-1", f"{state}5-r0-7-0"]


def test_asks_for_a_stream_only_where_the_case_does() -> None:
    plain = Caller(Case("any", 1, 1.0), "r0", 0).request()
    stream = Caller(Case("any", 1, 1.0, stream=True), "r0", 0).request()

    assert (plain.method, plain.path, plain.stream) == ("POST", "/chat", False)
    assert json.loads(plain.body) == {"message": QUESTION, "session_id": "new-r0-0-0"}
    assert (stream.method, stream.path, stream.stream) == ("POST", "/chat", True)
    assert json.loads(stream.body) == {**json.loads(plain.body), "stream": True}


def test_reads_ask_for_what_their_case_names() -> None:
    assert Caller(Case("any", 1, 1.0, asks="history", turns=50), "r0", 0).request() == Request(
        "GET", "/history/cold50-r0-0-0"
    )
    assert Caller(Case("any", 1, 1.0, asks="sessions"), "r0", 0).request() == Request("GET", "/sessions")
    assert Caller(Case("any", 1, 1.0, asks="models"), "r0", 0).request() == Request("GET", "/models")


def test_an_answer_that_is_not_200_is_a_failure(upstream_port: int) -> None:
    window = asyncio.run(play(Order(Case("any", 2, 0.05), "r0", upstream_port, {})))

    assert window.chats == []
    assert window.failures == ['WrongAnswer: status 404: {"message": "no such path"}'] * 2


def answered(*pieces: bytes, kind: bytes = b"text/event-stream", stream: bool = True) -> Chat:
    """What the caller makes of a chunked answer that arrives in these pieces."""

    async def asked() -> Chat:
        reader = asyncio.StreamReader()
        reader.feed_data(b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % kind)
        for piece in (*pieces, b""):
            reader.feed_data(b"%x\r\n%b\r\n" % (len(piece), piece))
        connection = Connection(reader, cast("asyncio.StreamWriter", Deaf()))
        return await ask(connection, Request("POST", "/chat", b"{}", stream))

    return asyncio.run(asked())


class Deaf:
    """Nobody listens to what is asked."""

    def write(self, data: bytes) -> None:
        pass


START, DONE = b"event: start\ndata: {}\n\n", b'event: done\ndata: {"response": "[1] one [2] two "}\n\n'
DELTA = b'event: delta\ndata: {"text": "[1] one "}\n\n'


def test_pieces_are_timed_once_however_they_arrive_together() -> None:
    chat = answered(START, DELTA, DELTA + DONE)

    assert chat.first is not None
    assert len(chat.lags) == 2


def test_a_stream_must_end_with_done() -> None:
    with pytest.raises(WrongAnswer, match="a stream that ends with: event: error"):
        answered(START, DELTA, b"event: error\ndata: {}\n\n")


def test_an_answer_of_the_other_kind_is_wrong() -> None:
    with pytest.raises(WrongAnswer, match="status 200"):
        answered(b"{}", kind=b"application/json")
    with pytest.raises(WrongAnswer, match="status 200"):
        answered(START, DONE, stream=False)
