"""DynamoDB and Bedrock behind one door: which answer a request gets, and when."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote

from benchmarks.bedrock_answers import CONVERSE, PIECES, piece
from benchmarks.dynamodb_answers import DynamoDB, UnknownOperation

_TARGET = re.compile(rb"\r\nx-amz-target: *DynamoDB_\d+\.(\w+)", re.IGNORECASE)
_MODEL = re.compile(r"/model/([^/]+)/(converse|converse-stream)$")
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@dataclass
class Service:
    """What all connections share."""

    latency: float = 0.0
    gap: float = 0.0
    dynamodb: DynamoDB = field(default_factory=DynamoDB)
    calls: dict[str, bytes] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)

    def answer(self, head: bytes, body: bytes, transport: asyncio.Transport) -> None:
        target = _TARGET.search(head)
        method, path, _ = head.split(b" ", 2)
        if target:
            operation = target[1].decode()
            self.calls.setdefault(operation, body)
            self._from_table(operation, body, transport)
        elif model := _MODEL.match(path.decode()):
            self._from_model(model[2], unquote(model[1]), body, transport)
        elif (method, path) == (b"PUT", b"/pace"):
            pace = json.loads(body)
            self.latency, self.gap = pace["latency"], pace["gap"]
            _write(transport, b"{}")
        elif (method, path) == (b"GET", b"/calls"):
            _write(transport, json.dumps(self._seen()).encode())
        else:
            _write(transport, b'{"message": "no such path"}', status=b"404 Not Found")

    def _from_table(self, operation: str, body: bytes, transport: asyncio.Transport) -> None:
        try:
            _write(transport, self.dynamodb.answer(operation, body))
        except UnknownOperation:
            _write(transport, b'{"__type": "UnknownOperationException"}', status=b"400 Bad Request")

    def _from_model(self, operation: str, model_id: str, body: bytes, transport: asyncio.Transport) -> None:
        self.calls.setdefault(operation, body)
        self.models[operation] = model_id
        answer = partial(_write, transport, CONVERSE)
        if operation == "converse-stream":
            answer = partial(_stream, transport, self.gap)
        self._later(answer)

    def _later(self, answer: Callable[[], None]) -> None:
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, answer)
        else:
            answer()

    def _seen(self) -> dict[str, Any]:
        """Operations with their parameters, as botocore takes them."""
        names = {"converse": "Converse", "converse-stream": "ConverseStream"}
        return {
            names.get(operation, operation): {
                **({"modelId": self.models[operation]} if operation in names else {}),
                **json.loads(body),
            }
            for operation, body in self.calls.items()
        }


def _write(transport: asyncio.Transport, body: bytes, status: bytes = b"200 OK") -> None:
    if not transport.is_closing():
        transport.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
        )


def _stream(transport: asyncio.Transport, gap: float) -> None:
    transport.write(_STREAM_HEAD)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(PIECES):
        if gap and number:
            loop.call_at(begun + number * gap, _write_piece, transport, number)
        else:
            _write_piece(transport, number)


def _write_piece(transport: asyncio.Transport, number: int) -> None:
    if not transport.is_closing():
        frames = piece(number)
        end = b"0\r\n\r\n" if number == PIECES - 1 else b""
        transport.write(b"%x\r\n%b\r\n%b" % (len(frames), frames, end))
