"""What the upstream says as Bedrock: the same reply always, whole or in pieces.

Every piece of a stream carries the moment it was sent, `[<nanoseconds of the machine's monotonic clock>]`, so that
whoever receives it on this machine knows how long it was under way.
"""

import json
import re
import time

from benchmarks.event_frames import frame
from benchmarks.words import REPLY

PIECES = 40
MARK = re.compile(rb"\[(\d+)\]")

_USAGE = {"inputTokens": 60, "outputTokens": 75, "totalTokens": 135}
_METRICS = {"latencyMs": 400}

CONVERSE = json.dumps(
    {
        "output": {"message": {"role": "assistant", "content": [{"text": REPLY}]}},
        "stopReason": "end_turn",
        "usage": _USAGE,
        "metrics": _METRICS,
    }
).encode()

_START = frame("messageStart", {"role": "assistant"})
_END = (
    frame("contentBlockStop", {"contentBlockIndex": 0})
    + frame("messageStop", {"stopReason": "end_turn"})
    + frame("metadata", {"usage": _USAGE, "metrics": _METRICS})
)


def piece(number: int) -> bytes:
    """The frames of the piece with this number, counted from 0; the first and the last bring what goes around."""
    text = f"[{time.monotonic_ns()}] piece {number} "
    delta = frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})
    return (_START if number == 0 else b"") + delta + (_END if number == PIECES - 1 else b"")


def lags(received: bytes) -> list[float]:
    """Milliseconds that each piece in `received` was under way until now."""
    now = time.monotonic_ns()
    return [(now - int(mark)) / 1e6 for mark in MARK.findall(received)]
