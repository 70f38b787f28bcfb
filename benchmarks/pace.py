"""How fast the upstream answers, and how an answer is written to a connection."""

import asyncio
from dataclasses import dataclass

from benchmarks.bedrock_answers import PIECES, piece

_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@dataclass
class Pace:
    """How the model answers: seconds until it begins, and between pieces; how many pieces; every which call it refuses.

    `table` is how long DynamoDB takes. 0 is at once, and never.
    """

    latency: float = 0.0
    gap: float = 0.0
    pieces: int = PIECES
    table: float = 0.0
    throttled: int = 0
    refused: int = 0


def write(transport: asyncio.Transport, body: bytes, status: bytes = b"200 OK") -> None:
    """A whole answer; nothing to one who has gone."""
    if not transport.is_closing():
        transport.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
        )


def stream(transport: asyncio.Transport, pace: Pace) -> None:
    """An answer piece by piece, in the pauses that the pace has."""
    transport.write(_STREAM_HEAD)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(pace.pieces):
        if pace.gap and number:
            loop.call_at(begun + number * pace.gap, _write_piece, transport, number, pace.pieces)
        else:
            _write_piece(transport, number, pace.pieces)


def _write_piece(transport: asyncio.Transport, number: int, pieces: int) -> None:
    if not transport.is_closing():
        frames = piece(number, pieces)
        end = b"0\r\n\r\n" if number == pieces - 1 else b""
        transport.write(b"%x\r\n%b\r\n%b" % (len(frames), frames, end))
