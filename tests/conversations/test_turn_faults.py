"""Every fault of DynamoDB and Bedrock, on a first and a later turn, answered as JSON and as a stream.

After each: the books hold (`holding.whole_history`), what the caller heard is what is kept, and when the fault is over
the same request with the same Idempotency-Key ends well and is one question with one answer.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Literal, TypeVar

import botocore.session
import httpx
import pytest
from botocore.retries.standard import ExponentialBackoff
from django.conf import settings
from django.test import override_settings

from bedrock_client import attempts
from conversations.domain import LEASE_MARGIN_SECONDS, Turn
from conversations.services import clock, session_cache, stop_turn
from conversations.store import turn_begin, turn_end
from core.deadline import Deadline
from dynamodb_client import client, paging
from dynamodb_client.client import SharedConnection
from dynamodb_client.retrying import through_conflicts
from tests.conversations.api.asking import said
from tests.conversations.hearing import SESSION, Heard, Question, ask
from tests.conversations.holding import whole_history
from tests.faulty_dynamodb import FaultyDynamoDB, Kind, Operation, fixtures
from tests.scripted_bedrock import BROKEN_ENDS, ScriptedBedrock

# What becomes of a message: it is answered and the caller knows; it is answered and the caller does not know; it is
# kept as failed; it is kept as pending, by a turn that nobody runs any more; it was never accepted.
Fate = Literal["answered", "unheard", "failed", "held", "nowhere"]
Scripting = Callable[[ScriptedBedrock, int | None], None]
Requests = Sequence[dict[str, Any]]
T = TypeVar("T")

PATIENCE_SECONDS = 0.1
usual_client = client._make_client
BEFORE = "Before"
MESSAGE = " Grüße \U0001f600\u2028 "
ANSWER = f"You said: {MESSAGE}"

REFUSED: list[Kind] = ["throttle", "request_throttle", "server_error"]
SILENT: list[Kind] = ["hang", "reset"]
LOST: list[Kind] = ["applied_hang", "applied_reset"]
# What a turn asks of the table: to begin, its context, to end, and whether it was answered before.
TABLE_FAULTS: dict[Operation, list[Kind]] = {
    "UpdateItem": [*REFUSED, *SILENT, *LOST, "conflict"],
    "Query": [*REFUSED, *SILENT],
    "TransactWriteItems": [*REFUSED, *SILENT, *LOST, "conflict", "action_throttle", "in_progress"],
    "GetItem": [*REFUSED, *SILENT],
}
TABLE_CELLS = [
    pytest.param(operation, kind, earlier, id=f"{operation}-{kind}-{'later' if earlier else 'first'} turn")
    for operation, kinds in TABLE_FAULTS.items()
    for kind, earlier in product(kinds, (0, 1))
    if earlier or operation != "Query"  # a first turn has no context to read
]

json_and_stream = pytest.mark.parametrize("stream", [False, True], ids=["JSON", "stream"])
first_and_later = pytest.mark.parametrize("earlier", [0, 1], ids=["first turn", "later turn"])


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


@cache
def sdk() -> botocore.session.Session:
    """The SDK's session: its models are read once, and every test has a client of its own from it."""
    return botocore.session.Session()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """What waits, waits in milliseconds. Before `dynamodb`, which makes its client from some of it."""
    monkeypatch.setattr(botocore.session, "get_session", sdk)
    if "hang" not in request.node.callspec.params.get("kind", ""):
        monkeypatch.setattr(fixtures, "READ_TIMEOUT_SECONDS", client.READ_TIMEOUT_SECONDS)
    else:  # what hangs only once can be waited for longer, for the sake of a busy machine
        lasts = "_impatient" in request.fixturenames
        monkeypatch.setattr(fixtures, "READ_TIMEOUT_SECONDS", 0.4 if lasts else 0.6)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.02)
    monkeypatch.setattr(attempts, "FIRST_WINDOW", 0.02)
    monkeypatch.setattr(attempts, "MOST_ROUNDS", 4)
    monkeypatch.setattr(attempts, "LEAST_SECONDS", 0.1)
    monkeypatch.setattr(stop_turn, "STOP_SECONDS", 0.05)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of every call to the table is over soon, so that a fault lasts for longer than a turn does."""

    def soon(call: Callable[[], T], *, deadline: Deadline, outages_until: Deadline | None = None) -> T:
        outages = outages_until.at_most(PATIENCE_SECONDS) if outages_until else None
        return through_conflicts(call, deadline=deadline.at_most(PATIENCE_SECONDS), outages_until=outages)

    for module in (paging, turn_begin, turn_end):
        monkeypatch.setattr(module, "through_conflicts", soon)


@pytest.fixture
def books(api: httpx.Client, monkeypatch: pytest.MonkeyPatch, earlier: int, stream: bool) -> Books:
    """A session with so many turns, of which this process remembers nothing."""
    for _ in range(earlier):
        assert ask(api, Question(BEFORE)).answer
    session_cache.cache._entries.clear()
    return Books(api, monkeypatch, Question(MESSAGE, key="k-1", stream=stream), earlier)


def ask_in_a_hurry(books: Books) -> Heard:
    """Asks with a deadline that a silent model sits out."""
    with override_settings(CHAT_DEADLINE_SECONDS=1, STREAM_STALL_SECONDS=0.2):
        return ask(books.api, books.question)


def assert_sent_once(bedrock: ScriptedBedrock, earlier: int) -> None:
    """The model was asked once, with everything that was said before."""
    assert len(bedrock.requests) == earlier + 1
    before = [("user", BEFORE), ("assistant", f"You said: {BEFORE}")] * earlier
    assert said(bedrock.requests[-1]) == [*before, ("user", MESSAGE)]


# --- The table --------------------------------------------------------------------------------------------------------


@json_and_stream
@pytest.mark.parametrize(("operation", "kind", "earlier"), TABLE_CELLS)
def test_a_passing_fault_of_the_table_is_not_noticed(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, operation: Operation, kind: Kind
) -> None:
    before = len(dynamodb.of(operation))
    dynamodb.fault(kind, operation)
    heard = ask(books.api, books.question)
    tries = dynamodb.of(operation)[before:]
    assert [request.fault for request in tries[:2]] == [kind, None]
    assert all(again.body == tries[0].body for again in tries)
    books.assert_kept(heard, "answered")
    assert_sent_once(bedrock, books.earlier)
    books.assert_ends_well(heard, "answered")
    assert len(bedrock.requests) == books.earlier + 1


@json_and_stream
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(("operation", "kind", "earlier"), TABLE_CELLS)
def test_a_lasting_fault_of_the_table_is_told_and_leaves_the_books_in_order(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, operation: Operation, kind: Kind
) -> None:
    dynamodb.fault(kind, operation, times=None)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of(operation)].count(kind) > 1
    dynamodb.recover()
    assert heard.problem is not None
    assert (heard.problem["status"], heard.problem["code"]) == (503, "store_unavailable")
    fate = fate_of(operation, kind)
    books.assert_kept(heard, fate)
    asked = operation == "TransactWriteItems"
    assert heard.said == (ANSWER if asked and books.question.stream else "")
    assert len(bedrock.requests) == books.earlier + asked
    books.assert_ends_well(heard, fate)
    assert len(bedrock.requests) == books.earlier + asked + (fate != "unheard")


def fate_of(operation: Operation, kind: Kind) -> Fate:
    """What becomes of a message when this goes wrong for longer than anybody waits."""
    match operation:
        case "TransactWriteItems":
            return "unheard" if kind in LOST else "held"
        case "UpdateItem" if kind in LOST:
            return "held"
        case "Query":
            return "failed"
    return "nowhere"


@json_and_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("kind", ["server_error", "hang", "conflict", *LOST])
def test_an_outage_that_ends_right_after_the_deadline_is_found_out_about(
    dynamodb: FaultyDynamoDB, books: Books, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    fail = turn_end.fail

    def fail_after_all(turn: Turn, *, error_code: str, partial: str, deadline: Deadline) -> None:
        dynamodb.recover()
        fail(turn, error_code=error_code, partial=partial, deadline=deadline)

    monkeypatch.setattr(turn_end, "fail", fail_after_all)
    dynamodb.fault(kind, "TransactWriteItems", times=None)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of("TransactWriteItems")].count(kind) > 1
    fate: Fate = "answered" if kind in LOST else "failed"
    books.assert_kept(heard, fate, partial=ANSWER)
    books.assert_ends_well(heard, fate)


@json_and_stream
@first_and_later
@pytest.mark.parametrize("kind", LOST)
def test_a_commit_whose_token_was_forgotten_is_known_by_its_answer(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    tokens = forget_tokens(monkeypatch)
    dynamodb.fault(kind, "TransactWriteItems", times=3)
    heard = ask(books.api, books.question)
    assert len(set(tokens)) > 1
    books.assert_kept(heard, "answered")
    assert_sent_once(bedrock, books.earlier)
    books.assert_ends_well(heard, "answered")


@json_and_stream
@first_and_later
@pytest.mark.parametrize("kind", LOST)
def test_a_mark_whose_token_was_forgotten_is_not_made_twice(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    tokens = forget_tokens(monkeypatch)
    bedrock.fail("ModelErrorException")
    dynamodb.fault(kind, "TransactWriteItems", times=3)
    heard = ask(books.api, books.question)
    assert len(set(tokens)) > 1
    books.assert_kept(heard, "failed")
    books.assert_ends_well(heard, "failed")


def forget_tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """DynamoDB knows no token from an earlier call, as after ten minutes. Returns the tokens as they were sent."""
    tokens: list[str] = []
    write = SharedConnection.transact_write_items

    def write_anew(
        self: SharedConnection,
        checks: Requests,
        deletes: Requests,
        puts: Requests,
        updates: Requests,
        *,
        client_request_token: str,
    ) -> object:
        tokens.append(f"{client_request_token[:30]}-{len(tokens)}")
        return write(self, checks, deletes, puts, updates, client_request_token=tokens[-1])

    monkeypatch.setattr(SharedConnection, "transact_write_items", write_anew)
    return tokens


@json_and_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
def test_a_turn_nobody_runs_any_more_gives_way_when_its_lease_is_over(
    dynamodb: FaultyDynamoDB, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb.fault("reset", "TransactWriteItems", times=None)
    heard = ask(books.api, books.question)
    dynamodb.recover()
    books.assert_kept(heard, "held")
    began = clock.now()
    monkeypatch.setattr(
        clock, "now", lambda: began + dt.timedelta(seconds=settings.CHAT_DEADLINE_SECONDS + LEASE_MARGIN_SECONDS)
    )
    books.assert_ends_well(heard, "nowhere")


# --- The model, before its first text ---------------------------------------------------------------------------------


def refusing(code: str, message: str = "scripted") -> Scripting:
    return lambda bedrock, times: bedrock.fail(code, message, times=times)


PASSING: dict[str, tuple[Scripting, int, str]] = {
    "throttled": (refusing("ThrottlingException"), 429, "model_throttled"),
    "not ready": (refusing("ModelNotReadyException"), 429, "model_throttled"),
    "server error": (refusing("InternalServerException"), 503, "model_unavailable"),
    "unavailable": (refusing("ServiceUnavailableException"), 503, "model_unavailable"),
    "reset": (lambda bedrock, times: bedrock.reset_connection(times=times), 503, "model_unavailable"),
    "empty": (lambda bedrock, times: bedrock.reply("", times=times), 502, "model_error"),
}
AT_ONCE: dict[str, tuple[Scripting, int, str]] = {
    "timeout": (refusing("ModelTimeoutException"), 504, "deadline_exceeded"),
    "error": (refusing("ModelErrorException"), 502, "model_error"),
    "invalid": (refusing("ValidationException"), 502, "model_error"),
    "denied": (refusing("AccessDeniedException"), 502, "model_access_denied"),
    "blocked": (
        refusing("ValidationException", "This request has been blocked by our content filters."),
        422,
        "content_blocked",
    ),
    "hang": (lambda bedrock, times: bedrock.hang(times=times), 504, "deadline_exceeded"),
}


@json_and_stream
@first_and_later
@pytest.mark.parametrize("script", [script for script, _, _ in PASSING.values()], ids=PASSING)
def test_a_passing_refusal_of_the_model_is_not_noticed(
    bedrock: ScriptedBedrock, books: Books, script: Scripting
) -> None:
    script(bedrock, 1)
    heard = ask(books.api, books.question)
    assert len(bedrock.requests) == books.earlier + 2
    books.assert_kept(heard, "answered")
    books.assert_ends_well(heard, "answered")


@json_and_stream
@first_and_later
@pytest.mark.parametrize(("script", "status", "code"), PASSING.values(), ids=PASSING)
def test_a_lasting_refusal_of_the_model_is_told_and_the_message_kept(
    bedrock: ScriptedBedrock, books: Books, script: Scripting, status: int, code: str
) -> None:
    script(bedrock, None)
    heard = ask_in_a_hurry(books)
    assert len(bedrock.requests) > books.earlier + 1
    assert_model_failed(bedrock, books, heard, status, code)


@json_and_stream
@first_and_later
@pytest.mark.parametrize(("script", "status", "code"), AT_ONCE.values(), ids=AT_ONCE)
def test_a_refusal_that_no_other_try_can_change_is_told_at_once(
    bedrock: ScriptedBedrock, books: Books, script: Scripting, status: int, code: str
) -> None:
    script(bedrock, None)
    heard = ask_in_a_hurry(books)
    assert_sent_once(bedrock, books.earlier)
    assert_model_failed(bedrock, books, heard, status, code)


@json_and_stream
@first_and_later
def test_a_model_that_cannot_be_reached_is_told_and_the_message_kept(bedrock: ScriptedBedrock, books: Books) -> None:
    bedrock.unreachable()
    heard = ask_in_a_hurry(books)
    assert len(bedrock.requests) == books.earlier
    assert_model_failed(bedrock, books, heard, 503, "model_unavailable")


@first_and_later
@pytest.mark.parametrize("stream", [False], ids=["JSON"])
def test_an_answer_that_is_cut_is_not_asked_for_again(bedrock: ScriptedBedrock, books: Books) -> None:
    bedrock.cut(times=None)
    heard = ask_in_a_hurry(books)
    assert_sent_once(bedrock, books.earlier)
    assert_model_failed(bedrock, books, heard, 502, "model_error")


def assert_model_failed(bedrock: ScriptedBedrock, books: Books, heard: Heard, status: int, code: str) -> None:
    """The caller heard of it, the message is kept, and all is well when the model is."""
    assert heard.problem is not None
    assert (heard.problem["status"], heard.problem["code"]) == (status, code)
    assert heard.said == ""
    books.assert_kept(heard, "failed")
    bedrock.reset()
    books.assert_ends_well(heard, "failed")


# --- The model, behind its first text ---------------------------------------------------------------------------------

BREAKS = {
    **dict.fromkeys(BROKEN_ENDS, "model_unavailable"),
    "stall": "deadline_exceeded",
    "drip": "deadline_exceeded",
    "internalServerException": "model_unavailable",
    "modelStreamErrorException": "model_unavailable",
    "serviceUnavailableException": "model_unavailable",
    "throttlingException": "model_throttled",
    "validationException": "model_error",
}
only_stream = pytest.mark.parametrize("stream", [True], ids=["stream"])


@only_stream
@first_and_later
@pytest.mark.parametrize(("end", "code"), BREAKS.items(), ids=BREAKS)
def test_a_stream_that_breaks_off_is_told_and_what_was_said_is_kept(
    bedrock: ScriptedBedrock, books: Books, end: str, code: str
) -> None:
    bedrock.stream("Half an ", "answer", end=end, times=None)
    heard = ask_in_a_hurry(books)
    assert_sent_once(bedrock, books.earlier)
    assert heard.problem is not None
    assert (heard.said, heard.problem["code"]) == ("Half an answer", code)
    books.assert_kept(heard, "failed", partial=heard.said)
    bedrock.reset()
    books.assert_ends_well(heard, "failed")


@json_and_stream
@first_and_later
def test_an_answer_that_a_filter_blocked_is_told_and_not_kept(bedrock: ScriptedBedrock, books: Books) -> None:
    bedrock.stream("Something bad", stop_reason="content_filtered")
    heard = ask(books.api, books.question)
    assert_sent_once(bedrock, books.earlier)
    assert heard.problem is not None
    assert heard.problem["code"] == "content_blocked"
    books.assert_kept(heard, "failed")
    books.assert_ends_well(heard, "failed")


# --- Both at once -----------------------------------------------------------------------------------------------------


@json_and_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("kind", ["request_throttle", "hang", "conflict", "applied_reset"])
def test_a_message_is_kept_though_model_and_table_fail_together(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, kind: Kind
) -> None:
    bedrock.fail("ModelErrorException")
    dynamodb.fault(kind, "TransactWriteItems", times=None)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of("TransactWriteItems")].count(kind) > 1
    dynamodb.recover()
    assert heard.problem is not None
    assert (heard.problem["status"], heard.problem["code"]) == (502, "model_error")
    fate: Fate = "failed" if kind in LOST else "held"
    books.assert_kept(heard, fate)
    books.assert_ends_well(heard, fate)


@only_stream
@first_and_later
@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("times", [1, 3, None], ids=["once", "in one call of the SDK", "until later"])
@pytest.mark.parametrize("kind", LOST)
def test_a_stream_that_breaks_off_is_marked_once_though_nobody_says_so(
    dynamodb: FaultyDynamoDB, bedrock: ScriptedBedrock, books: Books, kind: Kind, times: int | None
) -> None:
    bedrock.stream("Half an ", "answer", end="reset")
    dynamodb.fault(kind, "TransactWriteItems", times=times)
    heard = ask(books.api, books.question)
    assert [request.fault for request in dynamodb.of("TransactWriteItems")].count(kind) >= (times or 2)
    dynamodb.recover()
    assert heard.problem is not None
    assert (heard.said, heard.problem["code"]) == ("Half an answer", "model_unavailable")
    books.assert_kept(heard, "failed", partial=heard.said)
    books.assert_ends_well(heard, "failed")
