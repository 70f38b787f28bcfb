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

_NAMES = {"micro-v1:0": "Nova Micro", "lite-v1:0": "Nova Lite", "pro-v1:0": "Nova Pro", "2-lite-v1:0": "Nova 2 Lite"}
_ARN = "arn:aws:bedrock:us-east-1::foundation-model/"
_PROFILE_ARN = "arn:aws:bedrock:us-east-1:000000000001:inference-profile/"

MODELS = json.dumps(
    {
        "modelSummaries": [
            {
                "modelArn": f"{_ARN}amazon.nova-{model}",
                "modelId": f"amazon.nova-{model}",
                "modelName": name,
                "providerName": "Amazon",
                "inputModalities": ["TEXT"],
                "outputModalities": ["TEXT"],
                "responseStreamingSupported": True,
                "inferenceTypesSupported": ["INFERENCE_PROFILE"],
                "modelLifecycle": {"status": "ACTIVE"},
            }
            for model, name in _NAMES.items()
        ]
    }
).encode()
PROFILES = json.dumps(
    {
        "inferenceProfileSummaries": [
            {
                "inferenceProfileId": f"us.amazon.nova-{model}",
                "inferenceProfileArn": f"{_PROFILE_ARN}us.amazon.nova-{model}",
                "inferenceProfileName": f"US {name}",
                "models": [{"modelArn": f"{_ARN}amazon.nova-{model}"}],
                "status": "ACTIVE",
                "type": "SYSTEM_DEFINED",
            }
            for model, name in _NAMES.items()
        ]
    }
).encode()

_START = frame("messageStart", {"role": "assistant"})
_END = (
    frame("contentBlockStop", {"contentBlockIndex": 0})
    + frame("messageStop", {"stopReason": "end_turn"})
    + frame("metadata", {"usage": _USAGE, "metrics": _METRICS})
)


def piece(number: int, pieces: int = PIECES) -> bytes:
    """The frames of the piece with this number, counted from 0; the first and the last bring what goes around."""
    text = f"[{time.monotonic_ns()}] piece {number} "
    delta = frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})
    return (_START if number == 0 else b"") + delta + (_END if number == pieces - 1 else b"")


def lags(received: bytes) -> list[float]:
    """Milliseconds that each piece in `received` was under way until now."""
    now = time.monotonic_ns()
    return [(now - int(mark)) / 1e6 for mark in MARK.findall(received)]
