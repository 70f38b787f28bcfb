"""The model of a laptop without a model: says plainly that it is offline and shows what it saw of the conversation.

Same conversation, same answer and same token counts, so that a try-out can be repeated. It stands behind MiniStack's
Bedrock; `model_server` speaks HTTP for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.completions import Completion, Said, conversation

CHARACTERS_A_TOKEN = 4
EXCERPT_CHARACTERS = 200


class OfflineModel:
    """Answers from the conversation alone, with no network and no weights."""

    name = "offline"

    def complete(self, request: Mapping[str, Any]) -> Completion:
        """Answer the newest message. Honours `max_tokens`; raises ValueError on a malformed conversation."""
        said = conversation(request)
        whole = _reply(said)
        limit = request.get("max_tokens")
        text = whole[: limit * CHARACTERS_A_TOKEN] if isinstance(limit, int) and limit > 0 else whole
        return Completion(
            text=text,
            prompt_tokens=sum(_tokens(message.text) for message in said),
            completion_tokens=_tokens(text),
            finish_reason="stop" if text == whole else "length",
        )


def _tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_A_TOKEN)


def _reply(said: Sequence[Said]) -> str:
    talk = [message for message in said if message.role in ("user", "assistant")] or list(said)
    count = "1 message" if len(talk) == 1 else f"{len(talk)} messages"
    lines = [
        "This is the offline model: no language model is connected, so nobody has thought about this.",
        f"The conversation sent to me has {count}. The newest says: {_excerpt(talk[-1].text)}",
    ]
    if len(talk) > 1:
        lines.append(f"The first says: {_excerpt(talk[0].text)}")
    if any(message.role == "system" for message in said):
        lines.append("A system prompt came with it.")
    lines.append("Set LOCAL_MODEL_URL to an OpenAI-compatible server for real answers.")
    return "\n".join(lines)


def _excerpt(text: str) -> str:
    return f'"{text}"' if len(text) <= EXCERPT_CHARACTERS else f'"{text[:EXCERPT_CHARACTERS]}…"'
