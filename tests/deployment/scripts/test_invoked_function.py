"""The smoke test of a version that no address leads to: the function's own entry point, invoked."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest

from access.keys.create_key import create_key
from access.scopes import Scope
from conversations.store.tables import SessionRow
from deployment.scripts import smoke_test
from deployment.scripts.errors import DeployError
from deployment.scripts.invoked_function import InvokedFunction, event
from tests.deployment.lambda_runtime import Failed, FunctionProcess, RuntimeAPI
from tests.events import recorded
from tests.scripted_bedrock import ScriptedBedrock

URL = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws"


class Lambda:
    """Of Lambda's API what is used: it hands the event to a function, and notes which one was asked for."""

    def __init__(self, function: RuntimeAPI) -> None:
        self.function = function
        self.asked: list[str] = []

    def invoke(self, *, FunctionName: str, Qualifier: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  # as in Lambda's API
        self.asked.append(f"{FunctionName}:{Qualifier}")
        try:
            return {"Payload": io.BytesIO(json.dumps(self.function.invoke(json.loads(Payload))).encode())}
        except Failed as error:
            said = json.dumps({"errorMessage": str(error)}).encode()
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(said)}


@pytest.fixture
def aws(ministack: str, tables: None, tmp_path: Path) -> Any:  # noqa: ANN401  # a generator of the class above
    function = RuntimeAPI()
    process = FunctionProcess(function.address, tmp_path, DJANGO_ALLOWED_HOSTS=".on.aws", ALLOW_ANONYMOUS="off")
    yield Lambda(function)
    process.kill()
    function.close()


def api(aws: Lambda, key: str) -> smoke_test.API:
    session = InvokedFunction(aws, function="chatbot-api", version="8")
    return smoke_test.API(URL, {"X-API-Key": key}, session=session)


def test_chats_with_that_very_version_and_leaves_nothing_behind(aws: Lambda, bedrock: ScriptedBedrock) -> None:
    key = create_key(owner="smoke-test", name="test", scopes=Scope).secret
    bedrock.reply("Grüße.")

    smoke_test.wait_healthy(api(aws, key))
    said = smoke_test.chat(api(aws, key))

    assert said == "Grüße."
    assert aws.asked == ["chatbot-api:8"] * 4
    assert list(SessionRow.scan()) == []


def test_a_refusal_is_one(aws: Lambda) -> None:
    with pytest.raises(DeployError, match="POST /chat was answered with 401 instead of 200"):
        smoke_test.chat(api(aws, "cb_" + "x" * 43))


def test_a_function_that_fails_is_said_to_have_failed(aws: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployment.scripts.invoked_function.event", lambda _: {"not": "a request"})

    with pytest.raises(DeployError, match=r"chatbot-api:8 failed: .*/error"):
        smoke_test.wait_healthy(api(aws, ""))


def test_an_event_has_what_a_function_url_sends() -> None:
    url = recorded("function_url")
    request = AWSRequest(
        "POST", f"{URL}/chat?a=1", headers={"Content-Type": "application/json"}, data=b'{"message": "\xc3\xbc"}'
    )

    sent = event(request.prepare())

    context = sent["requestContext"]
    assert set(sent) == set(url)
    assert set(context) < set(url["requestContext"])
    assert set(context["http"]) == set(url["requestContext"]["http"])
    assert (sent["rawPath"], sent["rawQueryString"], sent["body"]) == ("/chat", "a=1", '{"message": "ü"}')
    assert (context["domainName"], context["http"]["method"]) == (URL.removeprefix("https://"), "POST")
    assert (sent["headers"]["host"], sent["headers"]["content-type"]) == (context["domainName"], "application/json")
