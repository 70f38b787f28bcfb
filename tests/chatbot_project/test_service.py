"""The pages about the service itself."""

import httpx
import pytest

from conversations.services import readiness as module
from conversations.store.tables import SessionRow
from tests.conversations.api.asking import problem


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness as if it had never been asked."""
    monkeypatch.setattr("chatbot_project.service.readiness", module.Readiness())


def test_the_root_leads_on(api: httpx.Client) -> None:
    body = api.get("/").json()
    assert (body["name"], body["docs"], body["health"]) == ("Chatbot API", "/docs", "/health")
    for page in ("docs", "redoc", "openapi", "health"):
        assert api.get(body[page]).status_code == 200


def test_is_alive(api: httpx.Client) -> None:
    assert api.get("/health").json() == {"status": "ok"}


def test_is_ready_with_tables(api: httpx.Client) -> None:
    answer = api.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"dynamodb": "ok", "bedrock": "ok"}})


def test_is_not_ready_without_its_table(api: httpx.Client) -> None:
    SessionRow.delete_table()
    answer = api.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        503,
        {"ready": False, "checks": {"dynamodb": "ChatbotConversations is MISSING", "bedrock": "ok"}},
    )
    assert problem(api.post("/chat", json={"message": "Hi"})) == (503, "store_unavailable")


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_documentation_pages_ask_no_other_host(api: httpx.Client, page: str) -> None:
    text = api.get(page).text
    assert "https://" not in text
    assert "http://" not in text


def test_the_browser_keeps_redoc_from_asking_for_its_logo_elsewhere(api: httpx.Client) -> None:
    assert "img-src 'self' data:;" in api.get("/redoc").headers["Content-Security-Policy"]


def test_models_by_get_and_post_are_the_same(api: httpx.Client) -> None:
    listed = api.get("/models").json()
    assert listed == api.post("/models/list").json()
    pro = next(model for model in listed["models"] if model["default"])
    assert pro["id"] == "us.amazon.nova-pro-v1:0"
    assert pro["prices"]["input"] == "0.800000"
