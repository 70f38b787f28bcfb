"""How the tests of this package ask: a short conversation, a deadline, and a clock that nobody waits for."""

from dataclasses import dataclass, field

from bedrock_client import ChatMessage, Deadline, ModelReply, ModelRequest, converse

MODEL = "us.amazon.nova-pro-v1:0"
FALLBACK = "us.amazon.nova-lite-v1:0"


def question(text: str = "Hello", model_id: str = MODEL) -> ModelRequest:
    return ModelRequest(model_id, [ChatMessage("user", text)], max_tokens=100)


@dataclass
class Pauses:
    """Pauses that are noted instead of waited for; the jitter always draws the longest."""

    taken: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.taken.append(seconds)

    @staticmethod
    def longest(_shortest: float, longest: float) -> float:
        return longest


def ask(text: str = "Hello", *, pauses: Pauses | None = None, seconds: float = 30.0) -> ModelReply:
    pauses = pauses or Pauses()
    return converse(question(text), deadline=Deadline.after(seconds), pause=pauses.pause, uniform=pauses.longest)
