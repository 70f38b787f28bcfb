"""The smoke test against the running project, with a scripted Bedrock."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from botocore.awsrequest import AWSPreparedRequest
from pytest_django import Settings

from access.keys.create_key import create_key
from access.scopes import Scope
from deployment.scripts import smoke_test
from deployment.scripts.errors import DeployError
from tests.scripted_bedrock import ScriptedBedrock


@pytest.fixture
def key(api: httpx.Client, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The header of a caller's key, which the environment holds; nobody gets in without."""
    settings.ALLOW_ANONYMOUS = False
    secret = create_key(owner="smoke-test", name="test", scopes=Scope).secret
    monkeypatch.setenv("SMOKE_API_KEY", secret)
    return {"X-API-Key": secret}


def sessions(api: httpx.Client, key: dict[str, str]) -> Any:  # noqa: ANN401  # JSON
    return api.get("/sessions", headers=key).json()["sessions"]


def test_chats_and_leaves_nothing_behind(
    api: httpx.Client, bedrock: ScriptedBedrock, key: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.reply("Pong.")
    url = str(api.base_url).rstrip("/")

    assert smoke_test.main([url]) == 0

    assert capsys.readouterr() == ("", f"{url} answers, and keeps what was said.\n")
    assert sessions(api, key) == []


def test_fails_where_the_model_does_and_leaves_nothing_behind(
    api: httpx.Client, bedrock: ScriptedBedrock, key: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.fail("AccessDeniedException", times=None)

    assert smoke_test.main([str(api.base_url).rstrip("/")]) == 1

    assert "error: POST /chat was answered with 502 instead of 200:" in capsys.readouterr().err
    assert sessions(api, key) == []


def test_fails_with_a_key_that_nobody_knows(
    api: httpx.Client, key: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMOKE_API_KEY", "cb_" + "x" * 43)

    assert smoke_test.main([str(api.base_url).rstrip("/")]) == 1

    assert "POST /chat was answered with 401 instead of 200" in capsys.readouterr().err


def test_wants_credentials(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("SMOKE_API_KEY", "SMOKE_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    assert smoke_test.main(["https://chat.example.com"]) == 1

    expected = "error: Neither SMOKE_API_KEY nor SMOKE_TOKEN is set: there is nobody to chat as.\n"
    assert capsys.readouterr().err == expected


@dataclass
class Answer:
    """What is looked at of an answer."""

    status_code: int
    content: bytes = b'{"status": "ok"}'


class NotYetThere:
    """A session of botocore's for an API that begins to answer at the third request."""

    def __init__(self, begins_at: int = 3) -> None:
        self.requests: list[AWSPreparedRequest] = []
        self.begins_at = begins_at

    def send(self, request: AWSPreparedRequest) -> Answer:
        self.requests.append(request)
        return Answer(200 if len(self.requests) >= self.begins_at else 403)


def test_waits_for_a_url_that_is_not_known_everywhere_yet() -> None:
    session, pauses = NotYetThere(), list[float]()
    api = smoke_test.API("https://chat.example.com", {}, session=session)

    smoke_test.wait_healthy(api, sleep=pauses.append)

    assert [request.url for request in session.requests] == ["https://chat.example.com/health"] * 3
    assert pauses == [5, 5]


def test_signs_requests_where_aws_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    session = NotYetThere()
    api = smoke_test.API("https://chat.example.com", {"X-API-Key": "cb_x"}, "lambda", session)

    assert api.ask("POST", "/chat", {"message": "Hi"}) == (403, {"status": "ok"})

    headers = dict(session.requests[0].headers)
    assert "/us-east-1/lambda/aws4_request, SignedHeaders=" in headers["Authorization"]
    assert headers["X-API-Key"] == "cb_x"
    assert session.requests[0].body == b'{"message": "Hi"}'


def test_gives_up_in_the_end() -> None:
    session = NotYetThere(begins_at=1_000)
    api = smoke_test.API("https://chat.example.com", {}, session=session)

    with pytest.raises(DeployError, match=r"GET https://chat\.example\.com/health does not answer as it should: \(403"):
        smoke_test.wait_healthy(api, sleep=lambda _: None)

    assert len(session.requests) == 12
