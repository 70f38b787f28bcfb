"""The OpenAPI document, played against the running server: every answer is one that the document announces."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from chatbot_project.wsgi import application

SESSION_ID = "played"

config = schemathesis.Config.from_dict(
    {
        "generation": {
            # The server under test lets anonymous callers in: credentials make no difference to it.
            "with-security-parameters": False,
        },
        "checks": {
            "ignored_auth": {"enabled": False},
            # A schema cannot say which models exist, which cursors were given out or what is blank.
            "positive_data_acceptance": {"enabled": False},
        },
    }
)
document = schemathesis.openapi.from_wsgi("/openapi.json", application, config=config)

# The same requests in every run. The tables are emptied for each operation, not for each request.
playing = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def begun(api: httpx.Client) -> httpx.Client:
    """The server, with a session that has one answered turn."""
    api.post("/chat", json={"message": "Hello", "session_id": SESSION_ID}).raise_for_status()
    return api


@document.parametrize()
@playing
def test_answers_only_what_the_document_announces(case: schemathesis.Case[Any], api: httpx.Client) -> None:
    case.call_and_validate(base_url=str(api.base_url), timeout=10)


@document.include(path_regex="session_id").parametrize()
@playing
def test_answers_for_a_session_that_exists_as_announced(case: schemathesis.Case[Any], begun: httpx.Client) -> None:
    case.path_parameters["session_id"] = SESSION_ID
    case.call_and_validate(base_url=str(begun.base_url), timeout=10)


def test_a_stream_is_as_announced(api: httpx.Client) -> None:
    case = document["/chat"]["POST"].Case(body={"message": "Hello", "stream": True}, media_type="application/json")
    answer = case.call_and_validate(base_url=str(api.base_url), timeout=10)
    assert answer.headers["content-type"] == ["text/event-stream"]


def test_says_that_bodies_take_no_other_fields_and_which_they_need(api: httpx.Client) -> None:
    told = api.get("/openapi.json").raise_for_status().json()

    def body(path: str, method: str) -> tuple[bool, list[str]]:
        reference = told["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        shape = told["components"]["schemas"][reference.rpartition("/")[2]]
        return shape.get("additionalProperties", True), shape.get("required", [])

    assert body("/chat", "post") == (False, ["message"])
    assert body("/sessions/{session_id}", "patch") == (False, ["title"])
