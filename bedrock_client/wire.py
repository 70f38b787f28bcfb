"""Between our words and Converse's: the request as boto3 takes it, the reply as we tell it.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from collections.abc import Mapping
from typing import Any

from .errors import ContentBlocked, EmptyReply, ModelError
from .regions import Target
from .values import ModelReply, ModelRequest, Usage
from .visible import visible_text

BLOCKED_REASONS = frozenset({"content_filtered", "guardrail_intervened"})


def to_wire(request: ModelRequest) -> dict[str, Any]:
    """Keyword arguments for `converse` (and `converse_stream`, which takes the same)."""
    inference: dict[str, Any] = {"maxTokens": request.max_tokens}
    if request.temperature is not None:
        inference["temperature"] = request.temperature
    if request.top_p is not None:
        inference["topP"] = request.top_p
    arguments: dict[str, Any] = {
        "modelId": request.model_id,
        "messages": [{"role": message.role, "content": [{"text": message.text}]} for message in request.messages],
        "inferenceConfig": inference,
    }
    if request.system.strip():  # a blank block is refused
        arguments["system"] = [{"text": request.system}]
    return arguments


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
