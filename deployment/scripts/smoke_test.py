"""One real chat with a deployed API: `python -m deployment.scripts.smoke_test URL [--sign SERVICE|--invoke FUNCTION]`.

The credentials come from SMOKE_API_KEY or SMOKE_TOKEN, never from an argument. With --sign requests are signed with the
AWS credentials of the environment, as a function URL with AWS_IAM asks for. With --invoke they go to that version of
the function itself, and the URL only names the host. The chat is erased again.
"""

import argparse
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session

from deployment.scripts.errors import DeployError
from deployment.scripts.invoked_function import InvokedFunction

QUESTION = "Reply with one short word."
OK, NO_CONTENT = 200, 204
# A turn has its own deadline; a first process also loads the application.
READ_SECONDS = 120
# A URL that was just made is not known everywhere at once.
TRIES, PAUSE_SECONDS = 12, 5


class Session(Protocol):
    """What sends requests: an HTTP session of botocore's, or a function that is invoked."""

    def send(self, request: AWSPreparedRequest, /) -> Any:  # noqa: ANN401  # botocore has no types
        """An answer with `status_code`, `content` and `text`."""


@dataclass(frozen=True)
class API:
    """The deployed API, as a caller reaches it. `sign` is the AWS service that requests are signed for, or empty."""

    url: str
    headers: dict[str, str]
    sign: str = ""
    session: Session = field(default_factory=lambda: URLLib3Session(timeout=READ_SECONDS))

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and body; text of the body where it is no JSON."""
        data = b"" if body is None else json.dumps(body).encode()
        content = {"Content-Type": "application/json"} if body else {}
        request = AWSRequest(method, f"{self.url}{path}", headers=self.headers | content, data=data)
        if self.sign:
            _sign(request, self.sign)
        answer = self.session.send(request.prepare())
        try:
            return answer.status_code, json.loads(answer.content or b"null")
        except ValueError:
            return answer.status_code, answer.text[:200]


def _sign(request: AWSRequest, service: str) -> None:
    session = boto3.Session()
    credentials = session.get_credentials()
    if credentials is None:
        raise DeployError("There are no AWS credentials to sign requests with.")
    SigV4Auth(credentials, service, session.region_name).add_auth(request)


def wait_healthy(api: API, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Raises DeployError when /health is not answered with 200 after all tries."""
    said: object = None
    for _ in range(TRIES):
        try:
            said = api.ask("GET", "/health")
        except BotoCoreError as error:
            said = error
        else:
            if said[0] == OK:
                return
        sleep(PAUSE_SECONDS)
    raise DeployError(f"GET {api.url}/health does not answer as it should: {said}")


def chat(api: API) -> str:
    """What the model said. Raises DeployError unless the chat is answered, kept and erased."""
    session_id = f"smoke-test-{uuid.uuid4()}"
    try:
        said = _held(api, session_id)
    except DeployError:
        api.ask("DELETE", f"/history/{session_id}")
        raise
    _expect(api, NO_CONTENT, "DELETE", f"/history/{session_id}")
    return said


def _held(api: API, session_id: str) -> str:
    answer = _expect(api, OK, "POST", "/chat", {"session_id": session_id, "message": QUESTION})
    history = _expect(api, OK, "GET", f"/history/{session_id}")
    if [message["content"] for message in history["messages"]] != [QUESTION, answer["response"]]:
        raise DeployError("The history is not the chat that was held.")
    said: str = answer["response"]
    return said


def _expect(api: API, status: int, method: str, path: str, body: dict[str, str] | None = None) -> Any:  # noqa: ANN401  # JSON
    got, said = api.ask(method, path, body)
    if got != status:
        raise DeployError(f"{method} {path} was answered with {got} instead of {status}: {json.dumps(said)}")
    return said


def _credentials() -> dict[str, str]:
    if key := os.environ.get("SMOKE_API_KEY"):
        return {"X-API-Key": key}
    if token := os.environ.get("SMOKE_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    raise DeployError("Neither SMOKE_API_KEY nor SMOKE_TOKEN is set: there is nobody to chat as.")


def _invoked(function: str) -> InvokedFunction:
    name, _, version = function.partition(":")
    # Never sent again: a chat that was answered late would be held twice.
    config = Config(connect_timeout=5, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1})
    return InvokedFunction(boto3.client("lambda", config=config), function=name, version=version)


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="smoke_test", description="Hold one real chat with a deployed API.")
    parser.add_argument("url", help="where it answers, without a slash at the end")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--sign", default="", metavar="SERVICE", help="sign requests for this AWS service, as in lambda")
    way.add_argument("--invoke", default="", metavar="NAME:VERSION", help="invoke this function with each request")
    given = parser.parse_args(arguments)
    try:
        session = {"session": _invoked(given.invoke)} if given.invoke else {}
        api = API(given.url, _credentials(), given.sign, **session)
        wait_healthy(api)
        chat(api)
    except (BotoCoreError, ClientError, DeployError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stderr.write(f"{given.invoke or given.url} answers, and keeps what was said.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
