"""A caller's connection under gevent: what is too slow ends, what is merely idle does not."""

from collections.abc import Iterator

import pytest
from gevent import socket

from chatbot_project.connections import DeadlineSocket

LONG, SHORT = 60.0, 0.05
MORE_THAN_BUFFERS_HOLD = b"x" * 20_000_000


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's end of a connection, and the caller's."""
    server, caller = socket.socketpair()
    with server, caller:
        yield server, caller


def test_a_caller_who_does_not_read_is_gone(ends: tuple[socket.socket, socket.socket]) -> None:
    connection = DeadlineSocket(ends[0], read_seconds=LONG, write_seconds=SHORT)

    with pytest.raises(ConnectionResetError, match="too slow in reading an answer"):
        connection.sendall(MORE_THAN_BUFFERS_HOLD)


def test_a_caller_who_sends_nothing_is_gone(ends: tuple[socket.socket, socket.socket]) -> None:
    connection = DeadlineSocket(ends[0], read_seconds=SHORT, write_seconds=LONG)

    with pytest.raises(ConnectionResetError, match="too slow in sending a request"):
        connection.recv(10)


def test_bytes_in_between_buy_no_time(ends: tuple[socket.socket, socket.socket]) -> None:
    connection = DeadlineSocket(ends[0], read_seconds=0, write_seconds=LONG)
    ends[1].sendall(b"more, and at once")

    with pytest.raises(ConnectionResetError, match="too slow in sending a request"):
        connection.recv(10)


def test_between_two_requests_a_connection_may_be_idle(ends: tuple[socket.socket, socket.socket]) -> None:
    connection = DeadlineSocket(ends[0], read_seconds=0, write_seconds=LONG)
    connection.request_answered()
    ends[1].sendall(b"the next request")

    assert connection.recv(10) == b"the next r"
    with pytest.raises(ConnectionResetError, match="too slow in sending a request"):
        connection.recv(10)


def test_a_request_begins_with_its_first_byte_and_not_with_the_connection(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    connection = DeadlineSocket(ends[0], read_seconds=LONG, write_seconds=LONG)
    ends[1].sendall(b"two requests")

    for _ in range(2):
        began = [connection.request_began_at]
        for _ in range(2):
            connection.recv(1)
            began.append(connection.request_began_at)
        assert began[0] is None
        assert began[1] is not None
        assert began[2] == began[1]
        connection.request_answered()
