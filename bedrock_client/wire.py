"""Between our words and Converse's: the request as the SDK and as HTTP takes it, the reply as we tell it.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from collections.abc import Mapping
from typing import Any

import orjson

from .errors import ContentBlocked, EmptyReply, ModelError
from .regions import Target
from .values import EncodedExchange, ModelReply, ModelRequest, Role, Usage
from .visible import visible_text

BLOCKED_REASONS = frozenset({"content_filtered", "guardrail_intervened"})


def encoded_exchange(question: str, answer: str) -> EncodedExchange:
    """A question and its answer as the requests of the turns behind them hold them."""
    return EncodedExchange(orjson.dumps([_message("user", question), _message("assistant", answer)])[1:-1])


def to_arguments(request: ModelRequest) -> dict[str, Any]:
    """Keyword arguments for the SDK's `converse` (and `converse_stream`, which takes the same)."""
    return {"modelId": request.model_id, "messages": orjson.loads(_messages(request)), **_beside_messages(request)}


def to_body(request: ModelRequest) -> bytes:
    """The body of the same request; the model's id stands in its path."""
    return orjson.dumps({"messages": orjson.Fragment(_messages(request)), **_beside_messages(request)})


def _messages(request: ModelRequest) -> bytes:
    return b"[%b]" % b",".join([*request.history, orjson.dumps(_message("user", request.question))])


def _message(role: Role, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"text": text}]}


def _beside_messages(request: ModelRequest) -> dict[str, Any]:
    inference: dict[str, Any] = {"maxTokens": request.max_tokens}
    if request.temperature is not None:
        inference["temperature"] = request.temperature
    if request.top_p is not None:
        inference["topP"] = request.top_p
    beside: dict[str, Any] = {"inferenceConfig": inference}
    if request.system.strip():  # a blank block is refused
        beside["system"] = [{"text": request.system}]
    return beside


def from_wire(response: Mapping[str, Any], target: Target, spent: Usage) -> ModelReply:
    """The reply in a parsed response; its usage holds what was `spent` before.

    Raises `ContentBlocked`, `EmptyReply`, or `ModelError` when there is none.
    """
    usage = usage_from_wire(response.get("usage", {}))
    stop_reason = response.get("stopReason", "unknown")
    if response.get("error") or stop_reason in BLOCKED_REASONS:
        raise ContentBlocked(f"the answer was blocked: {stop_reason}", usage=usage)
    if not response.get("output"):
        # A body that was cut or is not JSON. The model has answered and may have billed, so it is not asked again.
        raise ModelError("a 200 without an answer in it", usage=usage)
    text = visible_text(_text(response["output"]))
    if not text:
        raise EmptyReply(f"no text, stop reason {stop_reason}", usage=usage)
    return ModelReply(
        text=text,
        stop_reason=stop_reason,
        usage=spent + usage,
        latency_ms=response.get("metrics", {}).get("latencyMs", 0),
        model_id=target.model_id,
        region=target.region,
    )


def usage_from_wire(usage: Mapping[str, int]) -> Usage:
    """Counts of a call; the cached ones are missing where caching has no part in it."""
    return Usage(
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        cache_read_tokens=usage.get("cacheReadInputTokens", 0),
        cache_write_tokens=usage.get("cacheWriteInputTokens", 0),
    )


def _text(output: Mapping[str, Any]) -> str:
    # Blocks of other kinds (reasoning, tool use) are not said to the user.
    message = output.get("message", {})
    return "".join(block.get("text", "") for block in message.get("content", []))
