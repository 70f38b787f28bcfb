"""Bedrock's event streams: frames of `application/vnd.amazon.eventstream`, and the events that ConverseStream sends.

A frame is: its length, the length of its headers, the CRC-32 of these eight bytes; headers; payload; the CRC-32 of all
before. https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import json
from binascii import crc32
from collections.abc import Iterator
from struct import pack

from .wire import Tokens

PRELUDE_AND_SUM = 16
STRING = 7
CHARACTERS = 6


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One message, whole and right."""
    head = b"".join(_header(name, value) for name, value in headers.items())
    lengths = pack("!II", len(head) + len(payload) + PRELUDE_AND_SUM, len(head))
    message = lengths + pack("!I", crc32(lengths)) + head + payload
    return message + pack("!I", crc32(message))


def _header(name: str, value: str) -> bytes:
    key, content = name.encode(), value.encode()
    return pack("!B", len(key)) + key + pack("!BH", STRING, len(content)) + content


def event(kind: str, body: object) -> bytes:
    """An event; `body` is the JSON of its payload, or the payload itself."""
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def exception(code: str, message: str = "scripted") -> bytes:
    headers = {":exception-type": code, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, json.dumps({"message": message}).encode())


def unnamed_error(code: str, message: str = "scripted") -> bytes:
    """An error outside the service's model."""
    return frame({":error-code": code, ":error-message": message, ":message-type": "error"}, b"")


def start() -> bytes:
    return event("messageStart", {"role": "assistant"})


def delta(text: str, index: int = 0) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": index, "delta": {"text": text}})


def stop(stop_reason: str) -> bytes:
    return event("messageStop", {"stopReason": stop_reason})


def metadata(tokens: Tokens) -> bytes:
    return event("metadata", {"metrics": {"latencyMs": 321}, "usage": tokens.to_wire()})


def answer(texts: tuple[str, ...], tokens: Tokens, stop_reason: str) -> Iterator[bytes]:
    """The frames of a whole answer, each text a block of its own, cut into several deltas."""
    yield start()
    for index, text in enumerate(texts):
        for at in range(0, len(text), CHARACTERS):
            yield delta(text[at : at + CHARACTERS], index)
        yield event("contentBlockStop", {"contentBlockIndex": index})
    yield stop(stop_reason)
    yield metadata(tokens)
