"""One message in a session, and what must be true of it before, during and after a fault."""

from dataclasses import dataclass
from typing import Any, Literal

import httpx
import pytest
from django.test import override_settings

from dynamodb_client import client
from tests.conversations.api.asking import said
from tests.conversations.hearing import SESSION, Heard, Question, ask
from tests.conversations.holding import whole_history
from tests.scripted_bedrock import ScriptedBedrock

# What becomes of a message: it is answered and the caller knows; it is answered and the caller does not know; it is
# kept as failed; it is kept as pending, by a turn that nobody runs any more; it was never accepted.
Fate = Literal["answered", "unheard", "failed", "held", "nowhere"]

usual_client = client._make_client
BEFORE = "Before"
MESSAGE = " Grüße \U0001f600\u2028 "
ANSWER = f"You said: {MESSAGE}"


@dataclass
class Books:
    """One message in a session with `earlier` turns, and what the books must say of it as time goes on."""

    api: httpx.Client
    monkeypatch: pytest.MonkeyPatch
    question: Question
    earlier: int
    failures: int = 0

    def assert_kept(self, heard: Heard, fate: Fate, *, partial: str = "") -> None:
        """The message has this fate and no other. `partial` is what was said of an answer that is not kept whole."""
        self.monkeypatch.setattr(client, "_make_client", usual_client)  # the fault is over, so is the hurry
        self.failures += fate == "failed"
        history = whole_history(self.api, failures=self.failures)
        exchanges = [(BEFORE, f"You said: {BEFORE}")] * self.earlier
        if fate in {"answered", "unheard"}:
            exchanges.append((MESSAGE, ANSWER))
        assert pairs(history["messages"]) == exchanges
        assert (heard.answer is not None) == (fate == "answered")
        if heard.answer:
            assert answer_of(history["messages"][-1]) == {**heard.answer, "session_id": SESSION}
        self._assert_pending(history["pending"], heard, fate, partial)

    def assert_ends_well(self, heard: Heard, fate: Fate) -> None:
        """Asked again, as a caller would who is not sure, the message is answered once, and always the same."""
        if fate == "held":
            self._free()
        first, second = ask(self.api, self.question), ask(self.api, self.question)
        assert (first.replayed, second.replayed) == (fate in {"answered", "unheard"}, True)
        assert heard.answer in (None, first.answer)
        assert second.answer == first.answer
        if first.replayed or not self.question.stream:
            assert second.content == first.content
        self.assert_kept(second, "answered")

    def _free(self) -> None:
        """The turn that nobody runs any more is in the way until its lease ends or its caller gives it up."""
        refusal = ask(self.api, self.question).problem
        assert refusal is not None
        assert (refusal["status"], refusal["code"]) == (409, "turn_in_progress")
        assert self.api.delete(f"/sessions/{SESSION}/pending").status_code == httpx.codes.NO_CONTENT
        self.failures += 1

    def _assert_pending(self, pending: dict[str, Any] | None, heard: Heard, fate: Fate, partial: str) -> None:
        if fate not in {"failed", "held"}:
            assert pending is None
            return
        assert pending is not None
        assert heard.problem is not None
        assert pending["message"] == MESSAGE
        assert (pending["state"], pending["error_code"], pending["partial_response"]) == (
            ("failed", heard.problem["code"], partial or None) if fate == "failed" else ("pending", None, None)
        )


def pairs(stored: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Questions with their answers."""
    contents = [message["content"] for message in stored]
    return list(zip(contents[::2], contents[1::2], strict=True))


def answer_of(stored: dict[str, Any]) -> dict[str, Any]:
    """An answer of the history, as POST /chat told it."""
    told = {name: value for name, value in stored.items() if name not in {"role", "content"}}
    return {**told, "response": stored["content"], "session_id": SESSION}


def ask_in_a_hurry(books: Books) -> Heard:
    """Asks with a deadline that a silent model sits out."""
    with override_settings(CHAT_DEADLINE_SECONDS=1, STREAM_STALL_SECONDS=0.2):
        return ask(books.api, books.question)


def assert_sent_once(bedrock: ScriptedBedrock, earlier: int) -> None:
    """The model was asked once, with everything that was said before."""
    assert len(bedrock.requests) == earlier + 1
    before = [("user", BEFORE), ("assistant", f"You said: {BEFORE}")] * earlier
    assert said(bedrock.requests[-1]) == [*before, ("user", MESSAGE)]
