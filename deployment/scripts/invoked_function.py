"""A version of a Lambda function, asked without an address: each request is invoked as a function URL would send it.

So a version can be tried that no alias leads to yet. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest

from deployment.scripts.errors import DeployError

# Whom the application takes for its caller; nobody is there.
_CALLER = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """What is read of an HTTP answer."""

    status_code: int
    content: bytes

    @property
    def text(self) -> str:
        """The body; what is no UTF-8 shows as such."""
        return self.content.decode(errors="replace")


class InvokedFunction:
    """Takes the place of botocore's HTTP session. `version` is a number or an alias."""

    def __init__(self, client: Any, *, function: str, version: str) -> None:  # noqa: ANN401  # boto3 makes its clients at run time
        self._client, self._function, self._version = client, function, version

    def send(self, request: AWSPreparedRequest) -> Answer:
        """The function's answer. Raises DeployError where the invocation itself failed."""
        payload = json.dumps(event(request)).encode()
        done = self._client.invoke(FunctionName=self._function, Qualifier=self._version, Payload=payload)
        said = json.loads(done["Payload"].read() or b"null")
        if done.get("FunctionError"):
            raise DeployError(f"{self._function}:{self._version} failed: {(said or {}).get('errorMessage')}")
        body: str = said.get("body") or ""
        return Answer(said["statusCode"], base64.b64decode(body) if said.get("isBase64Encoded") else body.encode())


def event(request: AWSPreparedRequest) -> dict[str, Any]:
    """The request as an event of payload 2.0."""
    address = urlsplit(request.url)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    body = _text(request.body or b"")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": address.path,
        "rawQueryString": address.query,
        "headers": headers | {"host": address.netloc, "x-forwarded-for": _CALLER, "x-forwarded-proto": "https"},
        "requestContext": {
            "domainName": address.netloc,
            "http": {
                "method": request.method,
                "path": address.path,
                "protocol": "HTTP/1.1",
                "sourceIp": _CALLER,
                "userAgent": "smoke-test",
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
