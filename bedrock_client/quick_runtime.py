"""Model calls without the SDK's work around them. What a refusal says is read by botocore's own parser.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from urllib3.exceptions import ProtocolError

from core.http_exchange import Answer
from core.quick_calls import QuickCalls

from .operations import StreamedBody
from .parsing import parsed
from .values import ModelRequest
from .wire import to_body

_OK = 200
_JSON = {"content-type": "application/json", "accept": "application/json"}
_EVENTS = {"content-type": "application/json", "accept": "application/vnd.amazon.eventstream"}


class QuickRuntime:
    """A `Runtime` over `QuickCalls`."""

    def __init__(self, calls: QuickCalls) -> None:
        self._calls = calls

    def converse(self, request: ModelRequest, seconds: float) -> Mapping[str, Any]:
        response = self._calls.post(_path(request, "converse"), to_body(request), _JSON, read_seconds=seconds)
        if response.status != _OK:
            raise _refusal(response, "Converse")
        return _object(_body(response))

    def converse_stream(self, request: ModelRequest, seconds: float) -> StreamedBody:
        path = _path(request, "converse-stream")
        response = self._calls.post(path, to_body(request), _EVENTS, read_seconds=seconds)
        if response.status != _OK:
            raise _refusal(response, "ConverseStream")
        return StreamedBody(response, response.headers.get("x-amzn-requestid", "unknown"))


def _path(request: ModelRequest, operation: str) -> str:
    # A model's id holds colons, and may be an ARN.
    return f"/model/{quote(request.model_id, safe='-._~')}/{operation}"


def _body(response: Answer) -> bytes:
    """All of it; empty where it broke off: the model has answered and may have billed, so nobody asks it again."""
    with contextlib.suppress(ProtocolError):
        return response.whole()
    return b""


def _object(body: bytes) -> Mapping[str, Any]:
    """Empty where the body is no JSON or no object: that is an answer without anything in it."""
    try:
        answer = parsed(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(response: Answer, operation: str) -> ClientError:
    answer = {"status_code": response.status, "headers": response.headers, "body": _body(response)}
    no_shape: Any = None  # an error has none
    return ClientError(create_parser("rest-json").parse(answer, no_shape), operation)
