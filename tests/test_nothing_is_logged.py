"""What people say and what lets them in stays out of the log: planted words, at the most talkative level there is."""

import logging
import secrets
from collections.abc import Iterator

import httpx
import pytest
from pytest_django import Settings

from access.keys.create_key import create_key
from access.scopes import Scope
from telemetry.log_lines import JSONLines
from tests.conversations.short_waits import be_impatient, be_quick
from tests.faulty_dynamodb import FaultyDynamoDB, Operation
from tests.scripted_bedrock import BROKEN_ENDS, ScriptedBedrock

OURS = ("access", "bedrock_client", "chatbot_project", "conversations", "core", "dynamodb_client", "telemetry")
WORD = "planted"
MESSAGE = f"message-{WORD}"
BAD_BODIES = (
    f"{MESSAGE} that is no JSON",
    f'{{"message": "{MESSAGE}", "message": "{MESSAGE}"}}',
    f'{{"message": ["{MESSAGE}"]}}',
    f'{{"message": "{MESSAGE}", "{WORD}": 1}}',
    f'{{"message": "{MESSAGE}", "temperature": "{WORD}"}}',
    f'{{"message": "{MESSAGE}", "session_id": "not an id: {WORD}"}}',
    f'{{"message": "{MESSAGE}\\ud800"}}',
    f'{{"message": "{MESSAGE * 60_000}"}}',
    f'{{"message": "{MESSAGE}'.encode() + b"\xff",
)
CREDENTIALS = (
    {"Authorization": f"Bearer cb_{WORD}"},
    {"Authorization": f"Bearer cb_{WORD.ljust(43, 'x')}"},
    {"X-API-Key": f"cb_{WORD.ljust(43, 'y')}"},
    {"X-API-Key": WORD},
    {"Authorization": f"Bearer {WORD}.{WORD}.{WORD}"},
    {"Authorization": f"Bearer eyJhbGciOiJub25lIn0.{WORD}."},
    {"Authorization": f"Basic {WORD}"},
    {"Authorization": f"Bearer {WORD * 2_000}"},
    {"X-Amzn-Oidc-Data": f"{WORD}.{WORD}.{WORD}"},
    {"Cookie": f"sessionid={WORD}; csrftoken={WORD}"},
)


class Log(logging.Handler):
    """Every record as it would be printed, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JSONLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def tells(self, *words: str) -> list[str]:
        return [line for line in self.lines if any(word in line for word in words)]


@pytest.fixture
def log() -> Iterator[Log]:
    """What everybody logs from now on: our own loggers at DEBUG, the libraries as the settings have them."""
    handler, root = Log(), logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in OURS}
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield handler
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    root.removeHandler(handler)


def say(api: httpx.Client, *, stream: bool = False, **more: str) -> httpx.Response:
    """One turn of a session of its own, full of planted words."""
    body = {"message": MESSAGE, "system": f"system-{WORD}", "session_id": secrets.token_hex(8), "stream": stream}
    return api.post("/chat", json=body | more)


@pytest.mark.parametrize("stream", [False, True])
def test_a_chat_is_not_logged(api: httpx.Client, bedrock: ScriptedBedrock, log: Log, stream: bool) -> None:
    assert say(api, session_id="s", stream=stream).status_code == 200
    assert api.patch("/sessions/s", json={"title": f"title-{WORD}"}).status_code == 200
    assert MESSAGE in api.get("/history/s").text
    assert api.get("/sessions").status_code == 200
    assert api.delete("/history/s").status_code == 204

    assert log.tells(WORD) == []


@pytest.mark.parametrize("stream", [False, True])
def test_a_turn_that_fails_at_the_model_is_not_logged(
    api: httpx.Client, bedrock: ScriptedBedrock, log: Log, settings: Settings, stream: bool
) -> None:
    settings.CHAT_DEADLINE_SECONDS = 3
    for code in ("ValidationException", "AccessDeniedException", "ModelErrorException", "ResourceNotFoundException"):
        bedrock.fail(code)
        assert say(api, stream=stream).status_code >= 400
    bedrock.raw(200, b'{"output": ')
    say(api, stream=stream)
    bedrock.reset_connection()
    say(api, stream=stream)
    bedrock.unreachable()
    assert say(api, stream=stream).status_code == 503

    assert log.tells(WORD) == []
    assert log.lines  # of all this something is said


@pytest.mark.parametrize("end", sorted(set(BROKEN_ENDS) - {"stall", "drip"}))
def test_a_stream_that_breaks_off_is_not_logged(
    api: httpx.Client, bedrock: ScriptedBedrock, log: Log, end: str
) -> None:
    bedrock.stream(f"Half an answer, {WORD}", end=end)
    assert f"Half an answer, {WORD}" in say(api, stream=True).text

    assert log.tells(WORD) == []
    assert log.lines


@pytest.mark.parametrize("operation", ["UpdateItem", "TransactWriteItems"])
def test_a_turn_that_cannot_be_stored_is_not_logged(
    dynamodb: FaultyDynamoDB, api: httpx.Client, log: Log, monkeypatch: pytest.MonkeyPatch, operation: Operation
) -> None:
    be_quick(monkeypatch)
    be_impatient(monkeypatch)
    dynamodb.fault("reset", operation, times=None)
    assert say(api).status_code == 503

    assert log.tells(WORD) == []
    assert log.lines


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_body_that_is_refused_is_not_logged(api: httpx.Client, log: Log, body: str | bytes) -> None:
    answer = api.post("/chat", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400

    assert log.tells(WORD) == []


def test_an_error_nobody_foresaw_is_logged_without_what_was_said(
    api: httpx.Client, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("conversations.api.views.send_message", fail)
    assert say(api).status_code == 500

    assert log.tells(WORD) == []
    assert log.tells("nobody foresaw this")


@pytest.mark.parametrize("headers", CREDENTIALS, ids=range(len(CREDENTIALS)))
def test_credentials_that_are_refused_are_not_logged(
    api: httpx.Client, log: Log, settings: Settings, headers: dict[str, str]
) -> None:
    settings.ALLOW_ANONYMOUS = False
    settings.OIDC_ISSUER, settings.OIDC_AUDIENCE = "http://127.0.0.1:9", ["the-app"]
    answers = [
        api.get("/sessions", headers=headers),
        api.post("/chat", json={"message": MESSAGE}, headers=headers),
        api.get("/nothing", headers=headers),
    ]
    assert {answer.status_code for answer in answers} <= {401, 404, 503}

    assert log.tells(WORD) == []


def test_keys_that_let_in_are_not_logged(api: httpx.Client, log: Log, settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = False
    made = create_key(owner="alice", name="telephone", scopes=list(Scope))
    for headers in ({"Authorization": f"Bearer {made.secret}"}, {"X-API-Key": made.secret}):
        assert api.post("/chat", json={"message": MESSAGE}, headers=headers).status_code == 200

    assert log.tells(WORD, made.secret, made.secret.removeprefix("cb_")) == []
