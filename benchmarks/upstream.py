"""DynamoDB and Bedrock on one port, answering at once or after a set time: `python -m benchmarks.upstream`.

The first line of its output is its port; it ends when its input ends. `PUT /pace` sets how fast it answers and what it
refuses (the fields of `service.Pace`); `GET /calls` tells the first body seen of each operation, `GET /recent` what was
called since it was asked last.
"""

import asyncio
import re
import sys

from benchmarks.service import Service

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection, one request at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._buffer = bytearray()
        self._head = b""
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # tells the type checker what TCP gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._head and not self._read_head():
            return
        if len(self._buffer) >= self._length:
            head, body = self._head, bytes(self._buffer[: self._length])
            del self._buffer[: self._length]
            self._head = b""
            self._service.answer(head, body, self._transport)

    def _read_head(self) -> bool:
        head, end, _ = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        self._head = bytes(head)
        del self._buffer[: len(head) + len(end)]
        length = _LENGTH.search(self._head)
        self._length = int(length[1]) if length else 0
        return True


async def serve() -> None:
    """Answers until standard input ends."""
    loop = asyncio.get_running_loop()
    service, ended = Service(), asyncio.Event()
    server = await loop.create_server(lambda: Connection(service), "127.0.0.1", 0, backlog=1024)
    loop.add_reader(sys.stdin, ended.set)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve())
