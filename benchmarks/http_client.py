"""A client of one kept-alive connection, light enough to leave the processor to what is measured."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

_CONNECT_SECONDS = 10
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_STREAM = re.compile(rb"\r\ncontent-type: *text/event-stream", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """Status and framing of an answer."""

    status: int
    length: int
    is_chunked: bool
    is_event_stream: bool


class Connection:
    """Sends one request after the other to a port of this machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Self:
        async with asyncio.timeout(_CONNECT_SECONDS):
            return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, method: str, path: str, body: bytes = b"", headers: str = "") -> Head:
        """Sends a JSON body and waits for the head of the answer, whose body must be read before the next request."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        status, length = _STATUS.match(answer), _LENGTH.search(answer)
        if status is None:
            raise ConnectionError("not an answer in HTTP/1.1")
        return Head(
            status=int(status[1]),
            length=int(length[1]) if length else 0,
            is_chunked=_CHUNKED.search(answer) is not None,
            is_event_stream=_STREAM.search(answer) is not None,
        )

    async def pieces(self, head: Head) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        if not head.is_chunked:
            yield await self._reader.readexactly(head.length)
            return
        while size := int(await self._reader.readline(), 16):  # ends with the chunk of no length
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()

    async def body(self, head: Head) -> bytes:
        return b"".join([piece async for piece in self.pieces(head)])

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return
