"""Answers in every form that HTTP allows, in whatever pieces they arrive; and those that are none."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from core.connection_pool import ConnectionPool
from core.http_exchange import Answer, post
from core.http_received import Received

HOST = {"host": "127.0.0.1"}
GOOD = b"HTTP/1.1 200 OK\r\nX-Name: a\r\nContent-Length: 2\r\n\r\n{}"


class BytesServer:
    """Sends `answers`, each a list of pieces, to one request after the other; closes behind one that ends with None."""

    def __init__(self) -> None:
        self.answers: list[list[bytes | None]] = []
        self.heard: list[bytes] = []
        self.made = 0
        self.go_on = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def stop(self) -> None:
        self.go_on.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.made += 1
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while request := connection.recv(65536):
                self.heard.append(request)
                for piece in self.answers.pop(0):
                    if piece is None:
                        return
                    if piece == b"":
                        self.go_on.wait(10)
                    connection.sendall(piece)


@pytest.fixture
def server() -> Iterator[BytesServer]:
    made = BytesServer()
    yield made
    made.stop()


@pytest.fixture
def pool(server: BytesServer) -> Iterator[ConnectionPool]:
    made = ConnectionPool(server.url, ca_bundle="", connections=4, connect_seconds=5)
    yield made
    made.close()


def ask(pool: ConnectionPool, seconds: float = 5) -> Answer:
    return post(pool, "/path", b"{}", HOST, seconds=seconds)


def read_and_close(pool: ConnectionPool) -> None:
    with contextlib.closing(ask(pool)) as answer:
        answer.whole()


def test_sends_a_request_and_reads_its_answer(server: BytesServer, pool: ConnectionPool) -> None:
    server.answers = [[GOOD]]
    answer = post(pool, "/a%20b", b"\xff", {**HOST, "x-one": "1"}, seconds=5)
    assert (answer.status, answer.headers, answer.whole()) == (200, {"x-name": "a", "content-length": "2"}, b"{}")
    assert server.heard == [b"POST /a%20b HTTP/1.1\r\nhost: 127.0.0.1\r\nx-one: 1\r\ncontent-length: 1\r\n\r\n\xff"]


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 4\r\n\r\nab", b"cd"], b"abcd"),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r", b"\n1\r\nd\r\n0\r\nT: t\r\n\r\n"],
            b"abcd",
        ),
        ([b"HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n" + GOOD], b"{}"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n"], b""),
    ],
    ids=["length", "chunks", "answers before the answer", "no body", "empty"],
)
def test_an_answer_that_ends_leaves_its_connection_to_the_next(
    server: BytesServer, pool: ConnectionPool, pieces: list[bytes | None], body: bytes
) -> None:
    server.answers = [pieces, [GOOD]]
    answer = ask(pool)
    assert (answer.whole(), answer.headers.get("x-a")) == (body, None)
    assert ask(pool).whole() == b"{}"
    assert server.made == 1


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", None],
        [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", None],
        [b"HTTP/1.1 200 OK\r\n\r\n{", b"}", None],
        [GOOD + GOOD, None],
        [GOOD + b"HTTP/1.1 500 Oh\r\nX-Name: b\r\nContent-Length: 4\r\n\r\noops", None],
        [GOOD + b"HTTP/1.1 20", None],
        [GOOD + b"more", None],
    ],
    ids=[
        "told to close",
        "an old server",
        "without a length",
        "the same answer twice",
        "two answers to one request",
        "an answer and half of one",
        "more than an answer",
    ],
)
def test_an_answer_behind_which_none_may_follow_has_its_connection_closed(
    server: BytesServer, pool: ConnectionPool, pieces: list[bytes | None]
) -> None:
    server.answers = [pieces, [GOOD]]
    answer = ask(pool)
    assert (answer.whole(), answer.status, answer.headers.get("x-name", "a")) == (b"{}", 200, "a")
    assert ask(pool).whole() == b"{}"
    assert server.made == 2


@pytest.mark.parametrize(
    "pieces",
    [
        [None],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n", None],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", None],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", None],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nabcd"],
        [b"SSH-2.0-OpenSSH_9.6\r\n"],
        [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 300_000],
    ],
    ids=["nothing", "in its headers", "in its body", "in its chunks", "length", "lengths", "SSH", "upgrade", "endless"],
)
def test_what_is_no_whole_answer_is_an_error(
    server: BytesServer, pool: ConnectionPool, pieces: list[bytes | None]
) -> None:
    server.answers = [pieces, [GOOD]]
    with pytest.raises(ProtocolError):
        read_and_close(pool)
    assert ask(pool).whole() == b"{}"
    assert server.made == 2


def test_a_silence_is_an_error_wherever_it_comes(server: BytesServer, pool: ConnectionPool) -> None:
    server.answers = [[b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", b""]]
    answer = ask(pool)
    assert answer.read(5) == b"ab"
    with pytest.raises(ReadTimeoutError):
        answer.read(0.05)
    answer.close()
    with pytest.raises(ProtocolError, match="closed"):
        answer.read(5)


def test_pieces_are_given_out_as_they_arrive(server: BytesServer, pool: ConnectionPool) -> None:
    server.answers = [[b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", b"", b"cd"]]
    answer = ask(pool)
    assert answer.read(5) == b"ab"
    server.go_on.set()
    assert [answer.read(5), answer.read(5), answer.read(5)] == [b"cd", b"", b""]


def test_another_thread_cuts_a_read(server: BytesServer, pool: ConnectionPool) -> None:
    server.answers = [[b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", b""]]
    answer = ask(pool)
    answer.read(5)
    cutting = threading.Timer(0.05, answer.cut)
    cutting.start()
    with pytest.raises(ProtocolError):
        answer.read(30)
    answer.close()
    cutting.join()


def test_a_cut_ends_nobody_elses_answer(server: BytesServer, pool: ConnectionPool) -> None:
    """However early the first has arrived: its connection is its own until its reader knows of the end."""
    server.answers = [[GOOD], [GOOD]]
    first = ask(pool)
    second = ask(pool)
    first.cut()
    assert (second.whole(), first.whole(), server.made) == (b"{}", b"{}", 2)


def test_an_answer_that_arrived_and_is_closed_unread_leaves_its_connection(
    server: BytesServer, pool: ConnectionPool
) -> None:
    server.answers = [[GOOD], [GOOD]]
    ask(pool).close()
    assert ask(pool).whole() == b"{}"
    assert server.made == 1


@pytest.mark.parametrize(("path", "value"), [("/\r\nx: y", "1"), ("/", "1\nx: y"), ("/", "1\rx")])
def test_refuses_what_would_end_its_line(pool: ConnectionPool, server: BytesServer, path: str, value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        post(pool, path, b"", {**HOST, "x-one": value}, seconds=5)
    assert server.made == 0


@given(
    st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.booleans(), st.lists(st.integers(1, 400), max_size=12)
)
def test_a_body_is_what_was_sent_however_it_was_cut_on_its_way(
    chunks: list[bytes], is_chunked: bool, cuts: list[int]
) -> None:
    body = b"".join(chunks)
    head = b"HTTP/1.1 200 OK\r\nX-Name: value\r\n"
    if is_chunked:
        sent = head + b"Transfer-Encoding: chunked\r\n\r\n"
        sent += b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    else:
        sent = head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    received, start = Received(), 0
    for end in [*sorted(cut for cut in cuts if cut < len(sent)), len(sent)]:
        assert not received.is_whole
        if sent[start:end]:
            received.feed(sent[start:end])
        start = end
    assert (received.is_whole, received.keeps_alive, received.status) == (True, True, 200)
    assert (b"".join(received.pieces), received.headers["x-name"]) == (body, "value")


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_an_error(sent: bytes) -> None:
    received = Received()
    with contextlib.suppress(HTTPError):
        received.feed(sent or b"\x00")
    assert received.has_headers or not received.is_whole
