"""The bodies in which OpenAI's interface wraps an answer: whole, or in the chunks of a stream."""

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from local_aws.completions import Completion

DELTA_CHARACTERS = 20


def _head(request: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": request.get("model"),
    }


def _usage(completion: Completion) -> dict[str, int]:
    return {
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": completion.completion_tokens,
        "total_tokens": completion.prompt_tokens + completion.completion_tokens,
    }


def whole(request: Mapping[str, Any], completion: Completion) -> dict[str, Any]:
    """The body of an answer that is sent at once."""
    message = {"role": "assistant", "content": completion.text}
    return {
        **_head(request, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": completion.finish_reason}],
        "usage": _usage(completion),
    }


def chunks(request: Mapping[str, Any], completion: Completion) -> Iterator[dict[str, Any]]:
    """The data of each server-sent event of a streamed answer; the end mark `[DONE]` is the server's."""
    head = _head(request, "chat.completion.chunk")
    for start in range(0, len(completion.text), DELTA_CHARACTERS):
        delta = {"role": "assistant", "content": completion.text[start : start + DELTA_CHARACTERS]}
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": completion.finish_reason}]}
    options = request.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage") is True:
        yield {**head, "choices": [], "usage": _usage(completion)}
