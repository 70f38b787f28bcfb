"""The function's image, started by its own entry point under a read-only root and asked by Lambda's Runtime API."""

import json
from collections.abc import Iterator

import pytest

from tests.conversations.api.asking import parsed
from tests.deployment.images.containers import LAMBDA, SERVER, Container, inspect, run
from tests.deployment.lambda_runtime import Failed, RuntimeAPI
from tests.deployment.lambda_runtime.answers import Answer, read
from tests.events import variant
from tests.scripted_bedrock import ScriptedBedrock

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
KINDS = ("function_url", "alb")


@pytest.fixture(scope="module")
def key(production: dict[str, str], tables_made: None) -> str:
    """An API key; the server's image makes it, the function's has no command line."""
    made = run(
        *(SERVER, "python", "manage.py", "api_key", "create", "--owner", "alice", "--name", "tests"),
        variables=production,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.fixture(scope="module")
def function(production: dict[str, str]) -> Iterator[RuntimeAPI]:
    """Lambda's side of the function, which has begun."""
    api = RuntimeAPI()
    variables = {
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": "chatbot-api",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "DJANGO_ALLOWED_HOSTS": ".on.aws,.amazonaws.com,chat.example.com",
    }
    container = Container(LAMBDA, variables=production | variables)
    try:
        yield api
    finally:
        container.remove()
        api.close()


def ask(
    function: RuntimeAPI, kind: str, method: str, path: str, body: object = None, *, key: str = "", seconds: float = 60
) -> Answer:
    """The answer to one request, for which the function has these seconds; an empty key is none."""
    text = None if body is None else json.dumps(body)
    event = variant(kind, method, path, body=text, x_api_key=key)
    return read(function.invoke(event, seconds=seconds))


@pytest.mark.parametrize("kind", KINDS)
def test_chats(function: RuntimeAPI, key: str, bedrock: ScriptedBedrock, kind: str) -> None:
    answer = ask(function, kind, "POST", "/chat", {"message": "Hello", "session_id": kind}, key=key)
    assert answer.status == 200, answer.body
    assert json.loads(answer.body)["response"] == "You said: Hello"
    history = json.loads(ask(function, kind, "GET", f"/history/{kind}", key=key).body)
    assert [message["content"] for message in history["messages"]] == ["Hello", "You said: Hello"]


def test_streams_in_one_piece(function: RuntimeAPI, key: str, bedrock: ScriptedBedrock) -> None:
    bedrock.stream("One", " two")
    answer = ask(function, "function_url", "POST", "/chat", {"message": "Count", "stream": True}, key=key)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream")
    assert [name for name, _ in parsed(answer.body)] == ["start", "delta", "delta", "done"]


def test_lets_no_stranger_in(function: RuntimeAPI) -> None:
    answer = ask(function, "function_url", "POST", "/chat", {"message": "Hello"})
    assert (answer.status, json.loads(answer.body)["code"]) == (401, "not_authenticated")


def test_serves_the_pages_files(function: RuntimeAPI) -> None:
    answer = ask(function, "function_url", "GET", "/static/admin/css/base.css")
    assert (answer.status, answer.headers["content-type"]) == (200, 'text/css; charset="utf-8"')


@pytest.mark.parametrize("kind", KINDS)
def test_sets_cookies(function: RuntimeAPI, kind: str) -> None:
    answer = ask(function, kind, "GET", "/admin/login/")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    (cookie,) = answer.cookies
    name, _, attributes = cookie.partition("; ")
    assert name.startswith("csrftoken=")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} < set(attributes.split("; "))


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_is_wrong_is_a_problem(function: RuntimeAPI, key: str, kind: str) -> None:
    answer = ask(function, kind, "POST", "/chat", {"message": ""}, key=key)
    said = json.loads(answer.body)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (said["code"], [error["attr"] for error in said["errors"]]) == ("invalid_request", ["message"])


def test_a_model_that_refuses_is_a_problem(function: RuntimeAPI, key: str, bedrock: ScriptedBedrock) -> None:
    bedrock.fail("AccessDeniedException", times=None)
    answer = ask(function, "function_url", "POST", "/chat", {"message": "Hello"}, key=key)
    assert (answer.status, json.loads(answer.body)["code"]) == (502, "model_access_denied")


def test_what_is_no_request_fails_and_the_next_one_is_answered(function: RuntimeAPI) -> None:
    with pytest.raises(Failed, match="/error: "):
        function.invoke({"not": "a request"}, seconds=60)
    assert ask(function, "function_url", "GET", "/health").body == b'{"status":"ok"}'


def test_a_turn_ends_before_the_functions_time_does(function: RuntimeAPI, key: str, bedrock: ScriptedBedrock) -> None:
    assert ask(function, "function_url", "GET", "/health").status == 200
    bedrock.hang()
    order = {"message": "Hello", "session_id": "late"}
    answer = ask(function, "function_url", "POST", "/chat", order, key=key, seconds=10)
    assert (answer.status, json.loads(answer.body)["code"]) == (504, "deadline_exceeded")
    history = json.loads(ask(function, "function_url", "GET", "/history/late", key=key).body)
    assert (history["pending"]["message"], history["pending"]["state"]) == ("Hello", "failed")


def test_begins_as_lambda_begins_it() -> None:
    config = inspect(LAMBDA)["Config"]
    assert (config["Entrypoint"], config["Cmd"]) == (
        ["python", "-m", "awslambdaric"],
        ["deployment.lambda_handler.handler"],
    )
    assert (config["User"], config["WorkingDir"]) == ("10001:10001", "/app")
