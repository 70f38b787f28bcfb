"""Model calls behave the same whoever makes them: `QuickRuntime`, or the SDK where only it knows how."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bedrock_client import (
    BedrockError,
    CallStopped,
    ContentBlocked,
    DeadlineExceeded,
    ModelAccessDenied,
    ModelError,
    ModelThrottled,
    ModelUnavailable,
    Stop,
    Usage,
    clients,
)
from bedrock_client.operations import Runtime
from bedrock_client.quick_runtime import QuickRuntime
from bedrock_client.sdk_runtime import SDKRuntime
from core import aws_clients
from tests.answering_server import Answer, AnsweringServer
from tests.core.certificates import make_identity
from tests.scripted_bedrock import ScriptedBedrock, Tokens, frames
from tests.scripted_bedrock.wire import converse_answer

from .asking import MODEL, ask, ask_for_stream, read, read_until_broken, wait_until

TOKEN = "a-bearer-token"


def make_runtime(*, by_sdk: bool) -> Runtime:
    runtime: Runtime = clients._runtime.__wrapped__("us-east-1")
    assert isinstance(runtime, SDKRuntime if by_sdk else QuickRuntime)
    return runtime


@pytest.fixture(params=[False, True], ids=["quick", "sdk"])
def by_sdk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the SDK makes the calls, as it does when a way of signing is preferred."""
    by_sdk = bool(request.param)
    with pytest.MonkeyPatch.context() as while_made:
        if by_sdk:
            while_made.setenv("AWS_AUTH_SCHEME_PREFERENCE", "sigv4")
        runtime = make_runtime(by_sdk=by_sdk)
    monkeypatch.setattr(clients, "runtime", lambda _region: runtime)
    return by_sdk


@pytest.fixture
def secure_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnsweringServer]:
    """A Bedrock behind TLS, which the SDK demands for tokens: first a whole answer, then streams."""
    identity = make_identity(tmp_path, "127.0.0.1")
    whole = converse_answer(("One two.",), Tokens(10, 2), "end_turn")
    stream = b"".join(frames.answer(("One two.",), Tokens(10, 2), "end_turn"))
    made = AnsweringServer(Answer(200, whole.body, whole.headers), Answer(200, stream), tls=identity.context)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(identity.certificate))
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", made.url)
    yield made
    made.stop()


@pytest.mark.parametrize("token", [None, TOKEN])
def test_calls_are_authorised_as_configured(
    secure_server: AnsweringServer, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    if token:
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", token)
    # A session of its own: the process's one has read the environment long ago.
    monkeypatch.setattr(aws_clients, "_session", aws_clients._session.__wrapped__)
    runtime = make_runtime(by_sdk=bool(token))
    monkeypatch.setattr(clients, "runtime", lambda _region: runtime)

    assert [ask().text, read(ask_for_stream()).text, read(ask_for_stream()).text] == ["One two."] * 3

    said = [request.headers["authorization"] for request in secure_server.requests]
    assert [request.path.rpartition("/")[2] for request in secure_server.requests] == [
        *("converse", "converse-stream", "converse-stream")
    ]
    expected = f"Bearer {token}" if token else "AWS4-HMAC-SHA256 Credential="
    assert all(header.startswith(expected) for header in said)
    assert secure_server.made == 1


def test_sends_the_same_to_the_same_place(bedrock: ScriptedBedrock, by_sdk: bool) -> None:
    read(ask_for_stream(" \x00 שלום 👩‍👩‍👧 \n"))

    [call] = bedrock.requests
    assert (call.operation, call.model_id) == ("converse-stream", MODEL)
    assert call.headers["Content-Type" if by_sdk else "content-type"] == "application/json"
    assert call.body == {
        "messages": [{"role": "user", "content": [{"text": " \x00 שלום 👩‍👩‍👧 \n"}]}],
        "inferenceConfig": {"maxTokens": 100},
    }


def test_answers(bedrock: ScriptedBedrock, by_sdk: bool) -> None:
    bedrock.reply("One ", "two.", usage=Tokens(input=10, output=2, cache_read=3), times=2)

    usage = Usage(input_tokens=10, output_tokens=2, cache_read_tokens=3)
    for reply in (ask(), read(ask_for_stream())):
        assert (reply.text, reply.stop_reason, reply.usage, reply.latency_ms) == ("One two.", "end_turn", usage, 321)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ThrottlingException", ModelThrottled),
        ("ServiceUnavailableException", ModelUnavailable),
        ("ModelTimeoutException", DeadlineExceeded),
        ("ModelErrorException", ModelError),
        ("AccessDeniedException", ModelAccessDenied),
        ("ExpiredTokenException", ModelAccessDenied),
    ],
)
def test_a_refusal_means_the_same(
    bedrock: ScriptedBedrock, by_sdk: bool, code: str, meaning: type[BedrockError], streamed: bool
) -> None:
    bedrock.fail(code, "what the vendor\nsays", retry_after=7, times=None)

    with pytest.raises(meaning, match=rf"^{code} \(request scripted\): what the vendor says$") as caught:
        ask_for_stream(seconds=5) if streamed else ask(seconds=5)

    passes = issubclass(meaning, ModelThrottled | ModelUnavailable)
    assert caught.value.retry_after == (7.0 if passes else caught.value.retry_after)


def test_a_blocked_answer_is_blocked(bedrock: ScriptedBedrock, by_sdk: bool) -> None:
    bedrock.raw(200, {"output": {"message": {"content": []}}, "error": "blocked", "stopReason": "end_turn"})
    with pytest.raises(ContentBlocked):
        ask()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"output": {"message": {"content": [{"text": "a\\ud83d b"}]}}}', "a? b"),
        (b'{"output": {"message": {"content": [{"text": "a\\ud83d\\ude00"}]}}, "error": null, "more": 1}', "a😀"),
    ],
)
def test_reads_what_a_model_may_say(bedrock: ScriptedBedrock, by_sdk: bool, body: bytes, text: str) -> None:
    bedrock.raw(200, body)
    assert ask().text == text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b"<html>OK</html>"])
def test_a_good_status_without_an_answer_is_not_asked_again(
    bedrock: ScriptedBedrock, by_sdk: bool, body: bytes
) -> None:
    bedrock.raw(200, body)
    with pytest.raises(ModelError):
        ask()
    assert len(bedrock.requests) == 1


@pytest.mark.parametrize(
    ("status", "meaning"), [(301, ModelError), (418, ModelError), (429, ModelThrottled), (503, ModelUnavailable)]
)
@pytest.mark.parametrize("body", [b"", b"<html>No</html>", b'{"message": 1}'])
def test_a_refusal_without_words_is_known_by_its_status(
    bedrock: ScriptedBedrock, by_sdk: bool, status: int, meaning: type[BedrockError], body: bytes
) -> None:
    bedrock.raw(status, body, headers={"Location": "/elsewhere"}, times=None)
    with pytest.raises(meaning):
        ask(seconds=0.9)


@pytest.mark.parametrize("streamed", [False, True])
def test_waits_for_an_answer_to_the_deadline(bedrock: ScriptedBedrock, by_sdk: bool, streamed: bool) -> None:
    bedrock.hang()
    with pytest.raises(DeadlineExceeded):
        ask_for_stream(seconds=0.7) if streamed else ask(seconds=0.7)
    assert len(bedrock.requests) == 1


def test_a_silence_breaks_a_stream_off(bedrock: ScriptedBedrock, by_sdk: bool) -> None:
    bedrock.stream("One ", end="stall")
    pieces, error = read_until_broken(ask_for_stream(stall_seconds=0.2))
    assert (pieces, type(error)) == (["One "], DeadlineExceeded)


def test_a_stream_can_be_stopped(bedrock: ScriptedBedrock, by_sdk: bool) -> None:
    bedrock.stream("One ", end="stall")
    stop = Stop()
    stream = ask_for_stream(stop=stop)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_until_broken, stream)
        wait_until(lambda: stream.text == "One ")
        stop.set()
        pieces, error = reading.result(timeout=5)
    assert (pieces, type(error)) == (["One "], CallStopped)
    wait_until(lambda: bedrock.closed_early == 1)


def test_connections_are_used_again(bedrock: ScriptedBedrock, by_sdk: bool) -> None:
    made = bedrock.connections_made
    for _ in range(3):
        ask()
        read(ask_for_stream())
        bedrock.fail("ValidationException", times=2)
        for asking in (ask, ask_for_stream):
            with pytest.raises(ModelError):
                asking()
    assert bedrock.connections_made == made + 1
