"""Frames of `application/vnd.amazon.eventstream`, in which ConverseStream answers.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import json
import struct
import zlib
from typing import Any

_STRING = 7


def frame(event: str, payload: dict[str, Any]) -> bytes:
    """One event with its checksums: of the prelude, and of everything before the last four bytes."""
    headers = _headers(event)
    body = json.dumps(payload, separators=(",", ":")).encode()
    prelude = struct.pack("!II", len(headers) + len(body) + 16, len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack("!I", zlib.crc32(message))


def _headers(event: str) -> bytes:
    return b"".join(
        _header(name, value)
        for name, value in (
            (b":event-type", event.encode()),
            (b":content-type", b"application/json"),
            (b":message-type", b"event"),
        )
    )


def _header(name: bytes, value: bytes) -> bytes:
    return struct.pack("!B", len(name)) + name + struct.pack("!BH", _STRING, len(value)) + value
