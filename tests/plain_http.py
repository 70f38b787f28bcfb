"""HTTP/1.1 as the SDK and MiniStack speak it: a first line, headers, and a body whose length is told.

The tests make tens of thousands of such calls. The standard library's server and httpx read headers with parsers of
their own, which costs more than all the rest of a call that MiniStack answers.
"""

import select
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Message:
    """A request or an answer; names of `headers` are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.line.split(" ", 2)[1])


def read(stream: BufferedIOBase) -> Message | None:
    """The next message; None where the other side ended the connection. Raises ConnectionError in its middle."""
    line = stream.readline()
    if not line:
        return None
    headers: dict[str, str] = {}
    while (header := stream.readline()) != b"\r\n":
        name, colon, value = header.decode("latin-1").partition(":")
        if not colon:
            raise ConnectionResetError("the headers are not whole")
        headers[name.lower()] = value.strip()
    length = int(headers["content-length"])
    body = stream.read(length)
    if len(body) < length:
        raise ConnectionResetError("the body is not whole")
    return Message(line.decode("latin-1").rstrip(), headers, body)


def written(line: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A message as it is sent, with the length of its body."""
    lines = [line, *(f"{name}: {value}" for name, value in headers.items()), f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class Posts:
    """Posts to one server over one connection, which is made again where it has ended. For one thread at a time."""

    def __init__(self, url: str, *, seconds: float = 10) -> None:
        parts = urlsplit(url)
        self._host, self._seconds = parts.netloc, seconds
        self._address = str(parts.hostname), int(parts.port or 80)
        self._open: tuple[socket.socket, BufferedReader] | None = None

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Message:
        """The answer, whatever its status. Raises OSError."""
        connection, stream = self._connected()
        connection.sendall(written(f"POST {path} HTTP/1.1", {"host": self._host, **headers}, body))
        answer = read(stream)
        if answer is None:
            raise ConnectionResetError("no answer")
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self._open:
            connection, stream = self._open
            stream.close()
            connection.close()
            self._open = None

    def _connected(self) -> tuple[socket.socket, BufferedReader]:
        if self._open and not select.select([self._open[0]], [], [], 0)[0]:  # what can be read unasked is its end
            return self._open
        self.close()
        connection = socket.create_connection(self._address, timeout=self._seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open = connection, connection.makefile("rb")
        return self._open
