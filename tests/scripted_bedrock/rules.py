"""What Bedrock refuses in a Converse request, and with which words."""

from collections.abc import Iterator
from typing import Any


def refusal(body: dict[str, Any]) -> str | None:
    """The message of the ValidationException that this request deserves; None for a good one."""
    return next(_complaints(body), None)


def _complaints(body: dict[str, Any]) -> Iterator[str]:
    yield from _about_messages(body.get("messages"))
    yield from _about_inference(body.get("inferenceConfig", {}))
    for index, block in enumerate(body.get("system", [])):
        if not block.get("text", "").strip():
            yield f"The text field in the SystemContentBlock object at system.{index} is blank."


def _about_messages(messages: object) -> Iterator[str]:
    if not isinstance(messages, list) or not messages:
        yield "A conversation must have at least one message. Add a message and try again."
        return
    if messages[0]["role"] != "user":
        yield "A conversation must start with a user message. Try again with a conversation that starts with one."
    for index, message in enumerate(messages):
        if message["role"] not in {"user", "assistant"}:
            yield f"The role at messages.{index} must be one of user, assistant."
        if index and message["role"] == messages[index - 1]["role"]:
            yield "A conversation must alternate between user and assistant roles. Make sure the roles alternate."
        if not message["content"]:
            yield f"The content field in the Message object at messages.{index} is empty. Add a ContentBlock object."
        for number, block in enumerate(message["content"]):
            if not block.get("text", "").strip():
                yield f"The text field in the ContentBlock object at messages.{index}.content.{number} is blank."


def _about_inference(config: dict[str, Any]) -> Iterator[str]:
    # Bedrock itself would let a missing maxTokens pass and reserve the model's maximum; this project always sends it.
    most = config.get("maxTokens")
    if not isinstance(most, int) or most < 1:
        yield f"Value '{most}' at 'inferenceConfig.maxTokens' failed to satisfy constraint: must be at least 1."
    for name in ("temperature", "topP"):
        value = config.get(name, 0)
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            yield f"Value '{value}' at 'inferenceConfig.{name}' failed to satisfy constraint: must be from 0 to 1."
