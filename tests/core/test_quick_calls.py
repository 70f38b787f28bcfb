"""Calls without the SDK's work around them: made only where they are made as the SDK would make them."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError
from urllib3.exceptions import ReadTimeoutError

from core import aws_clients
from core.quick_calls import QuickCalls, quick_calls
from tests.answering_server import Answer, AnsweringServer, Request

from .certificates import make_identity

CONFIG = Config(connect_timeout=5, read_timeout=5, user_agent="chatbot-backend")
PROXY = "http://127.0.0.1:9"
LOADER = botocore.session.get_session().get_component("data_loader")  # it keeps what it has read


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    made = AnsweringServer()
    yield made
    made.stop()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> botocore.session.Session:
    """The process's session, of this test alone."""
    made = botocore.session.get_session()
    made.register_component("data_loader", LOADER)
    monkeypatch.setattr(aws_clients, "_session", lambda: made)
    return made


def calls_to(url: str, service: str = "dynamodb", config: Config = CONFIG) -> QuickCalls | None:
    client = aws_clients._session().create_client(service, "us-east-1", endpoint_url=url, config=config)
    return quick_calls(client)


def made(calls: QuickCalls | None) -> QuickCalls:
    assert calls
    return calls


def status_of(calls: QuickCalls) -> int:
    """That of the answer to a small request."""
    with contextlib.closing(calls.post("/", b"{}", {})) as answer:
        return answer.status


def test_posts_what_it_is_given(server: AnsweringServer, session: botocore.session.Session) -> None:
    server.answers = [Answer(418, b"\x00 any", {"X-Amzn-RequestId": "R"})]
    answer = made(calls_to(server.url)).post("/model/a%3A0/converse", b"\xff", {"content-type": "application/json"})
    [request] = server.requests
    assert (answer.status, answer.whole(), answer.headers["x-amzn-requestid"]) == (418, b"\x00 any", "R")
    assert (request.path, request.body) == ("/model/a%3A0/converse", b"\xff")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "chatbot-backend"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("prefix", ["", "/", "/proxied/aws", "/proxied/aws/"])
def test_the_endpoint_may_have_a_path(server: AnsweringServer, session: botocore.session.Session, prefix: str) -> None:
    status_of(made(calls_to(server.url + prefix)))
    [request] = server.requests
    assert request.path == prefix.rstrip("/") + "/"
    assert_signed_by("000000000001", request, server, secret="not-a-secret")


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://127.0.0.1:80", "127.0.0.1"),
        ("https://127.0.0.1:443", "127.0.0.1"),
        ("https://127.0.0.1:80", "127.0.0.1:80"),
        ("https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com", "vpce-1.dynamodb.us-east-1.vpce.amazonaws.com"),
        ("http://[::1]:80", "[::1]"),
    ],
)
def test_names_the_host_as_the_sdk_does(session: botocore.session.Session, endpoint: str, host: str) -> None:
    theirs = AWSRequest("POST", f"{endpoint}/", data=b"")
    SigV4Auth(Credentials("id", "key"), "dynamodb", "us-east-1").add_auth(theirs)
    assert made(calls_to(endpoint))._host == host
    assert SigV4Auth(Credentials("id", "key"), "dynamodb", "us-east-1").headers_to_sign(theirs)["host"] == host


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy_is_the_sdks_business(
    server: AnsweringServer, session: botocore.session.Session, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, PROXY)
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.setenv("no_proxy", "localhost")
    assert calls_to(server.url) is None
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    status_of(made(calls_to(server.url)))
    assert len(server.requests) == 1


def test_a_bearer_token_is_the_sdks_business(
    server: AnsweringServer, session: botocore.session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "a-token")
    assert calls_to(server.url, "bedrock-runtime") is None
    assert calls_to(server.url, "dynamodb")


def test_another_way_of_signing_is_the_sdks_business(
    server: AnsweringServer, session: botocore.session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert calls_to(server.url, config=Config(signature_version=botocore.UNSIGNED)) is None
    monkeypatch.setenv("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth,sigv4")
    assert calls_to(server.url) is None


def test_without_credentials_the_sdk_says_so(
    server: AnsweringServer, session: botocore.session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    assert calls_to(server.url) is None


class Role:
    """Credentials of a role, other ones with each look: as if the ones before were always over."""

    def __init__(self) -> None:
        self.number = 0

    def refresh(self) -> dict[str, str]:
        self.number += 1
        if self.number > 3:
            raise CredentialRetrievalError(provider="role", error_msg="no more")
        return {
            "access_key": f"ID{self.number}",
            "secret_key": "secret",
            "token": f"token-{self.number}",
            "expiry_time": (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)).isoformat(),
        }


def test_credentials_that_were_replaced_sign_no_more(
    server: AnsweringServer, session: botocore.session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = Role()
    credentials = RefreshableCredentials.create_from_metadata(role.refresh(), role.refresh, "role")
    monkeypatch.setattr(session, "get_credentials", lambda: credentials)
    calls = made(calls_to(server.url))
    for _ in range(2):
        status_of(calls)
    assert [request.headers["x-amz-security-token"] for request in server.requests] == ["token-2", "token-3"]
    for number, request in enumerate(server.requests, 2):
        assert_signed_by(f"ID{number}", request, server, token=f"token-{number}", secret="secret")
    with pytest.raises(CredentialRetrievalError):
        status_of(calls)
    assert len(server.requests) == 2


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_trusts_whom_the_sdk_trusts(
    session: botocore.session.Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    identity = make_identity(tmp_path, "127.0.0.1")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, str(identity.certificate))
    server = AnsweringServer(tls=identity.context)
    calls = made(calls_to(server.url))
    assert status_of(calls) == 200
    calls.close()
    server.stop()


def test_waits_no_longer_than_it_is_told(server: AnsweringServer, session: botocore.session.Session) -> None:
    server.answers = [Answer(hangs=True)]
    calls = made(calls_to(server.url, config=Config(read_timeout=0.1)))
    with pytest.raises(ReadTimeoutError):
        status_of(calls)
    patient = made(calls_to(server.url, config=Config(read_timeout=3600)))
    with pytest.raises(ReadTimeoutError):
        patient.post("/", b"{}", {}, read_seconds=0.1)
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [301, 303, 307, 429, 500, 503])
def test_makes_one_attempt_whatever_the_answer(
    server: AnsweringServer, session: botocore.session.Session, status: int
) -> None:
    server.answers = [Answer(status, b"", {"Location": "/elsewhere", "Retry-After": "1"})]
    assert status_of(made(calls_to(server.url))) == status
    assert len(server.requests) == 1


def assert_signed_by(
    access_key: str,
    request: Request,
    server: AnsweringServer,
    *,
    secret: str,
    token: str | None = None,
) -> None:
    """botocore would have signed this request in the same way at the same time."""
    said = request.headers["authorization"]
    names = said.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: request.headers[name] for name in names}
    theirs = AWSRequest("POST", server.url + request.path, headers=headers, data=request.body)
    theirs.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(Credentials(access_key, secret, token), "dynamodb", "us-east-1")
    signature = signer.signature(signer.string_to_sign(theirs, signer.canonical_request(theirs)), theirs)
    assert f"Credential={access_key}/" in said
    assert said.endswith(f"Signature={signature}")
