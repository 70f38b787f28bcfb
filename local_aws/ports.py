"""Ports of this machine, and who answers on them."""

import http
import http.client
import socket

from local_aws.errors import LocalModeError

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65_535
PROBE_TIMEOUT_SECONDS = 5.0


def listen(port: int) -> socket.socket:
    """A socket that listens on `port` of the loopback; 0 takes any free one.

    A child that inherits it needs no second look whether the port is free. Raises LocalModeError when it is taken.
    """
    if not 0 <= port <= HIGHEST_PORT:
        raise LocalModeError(f"PORT must be between 0 and {HIGHEST_PORT}, and it is {port}.")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by its connections. Those that come before the server would otherwise wait 40 ms for each answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(1024)
    except PermissionError as error:
        listener.close()
        raise LocalModeError(
            f"Port {port} needs rights that you do not have: choose another, as in PORT=8001."
        ) from error
    except OSError as error:
        listener.close()
        raise LocalModeError(f"Port {port} is taken: choose another, as in `make run PORT=8001`.") from error
    return listener


def free_port() -> int:
    """A port that was free a moment ago, for a program that insists on opening it itself."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int, path: str) -> bool:
    """Whether a GET on the loopback, past any proxy, is answered with 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PROBE_TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
