"""DynamoDB away: a clear 503, soon, and no trace of it in the answer."""

import botocore.session
import httpx
import pytest
from botocore.config import Config

from dynamodb_client import client
from local_aws.ports import free_port
from tests.conversations.api.asking import problem


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A DynamoDB client whose table nobody serves."""
    nobody = botocore.session.get_session().create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{free_port()}",
        config=Config(connect_timeout=1, retries={"mode": "standard", "total_max_attempts": 2}),
    )
    monkeypatch.setattr(client, "_make_client", lambda: nobody)


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/chat", {"message": "Hi"}),
        ("GET", "/history/s", None),
        ("DELETE", "/history/s", None),
        ("GET", "/sessions", None),
        ("PATCH", "/sessions/s", {"title": "New"}),
    ],
)
def test_every_route_says_that_the_store_is_away(
    server: str, bedrock: object, method: str, path: str, body: dict[str, str] | None
) -> None:
    answer = httpx.request(method, server + path, json=body, timeout=30)
    assert problem(answer) == (503, "store_unavailable")
    assert (answer.json()["retryable"], answer.headers["retry-after"]) == (True, "2")
    assert "127.0.0.1" not in answer.text
