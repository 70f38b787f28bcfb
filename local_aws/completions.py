"""The words of the OpenAI chat-completions interface that local mode speaks.

https://platform.openai.com/docs/api-reference/chat
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer. Token counts are the model's own; `text` is empty when there was no answer."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    finish_reason: Literal["stop", "length"] = "stop"


class ChatModel(Protocol):
    """Whoever answers. `name` is what `/v1/models` lists; `request` is the parsed body of a chat completion."""

    name: str

    def complete(self, request: Mapping[str, Any]) -> Completion: ...


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation, its content flattened to text."""

    role: str
    text: str


def conversation(request: Mapping[str, Any]) -> list[Said]:
    """The messages of a request, oldest first.

    Raises ValueError, with a sentence for the caller, when they are not what the interface asks for.
    """
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ValueError("'messages' must be a non-empty array.")
    return [_said(message) for message in messages]


def _said(message: object) -> Said:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise ValueError("Each message must be an object with a 'role'.")  # noqa: TRY004 - one error, one answer
    return Said(message["role"], _text(message.get("content")))


def _text(content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence) and all(isinstance(part, dict) for part in content):
        return "\n".join(str(part["text"]) for part in content if part.get("type") == "text" and "text" in part)
    raise ValueError("The content of a message must be text or an array of parts.")
