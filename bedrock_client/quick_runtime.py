"""Model calls without the SDK's work around them. What a refusal says is read by botocore's own parser.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from urllib3.exceptions import ProtocolError

from core.http_exchange import Answer
from core.quick_calls import QuickCalls

from .operations import Arguments, StreamedBody
from .parsing import parsed

_OK = 200
_JSON = {"content-type": "application/json", "accept": "application/json"}
_EVENTS = {"content-type": "application/json", "accept": "application/vnd.amazon.eventstream"}


class QuickRuntime:
    """A `Runtime` over `QuickCalls`."""

    def __init__(self, calls: QuickCalls) -> None:
        self._calls = calls

    def converse(self, arguments: Arguments, seconds: float) -> Mapping[str, Any]:
        path, body = _request(arguments, "converse")
        response = self._calls.post(path, body, _JSON, read_seconds=seconds)
        if response.status != _OK:
            raise _refusal(response, "Converse", seconds)
        return _object(_body(response, seconds))

    def converse_stream(self, arguments: Arguments, seconds: float) -> StreamedBody:
        path, body = _request(arguments, "converse-stream")
        response = self._calls.post(path, body, _EVENTS, read_seconds=seconds)
        if response.status != _OK:
            raise _refusal(response, "ConverseStream", seconds)
        return StreamedBody(response, response.headers.get("x-amzn-requestid", "unknown"))


def _request(arguments: Arguments, operation: str) -> tuple[str, bytes]:
    """Path and body; the model's id, which holds colons and may be an ARN, stands in the path alone."""
    body = {name: value for name, value in arguments.items() if name != "modelId"}
    return f"/model/{quote(arguments['modelId'], safe='-._~')}/{operation}", orjson.dumps(body)


def _body(response: Answer, seconds: float) -> bytes:
    """All of it; empty where it broke off: the model has answered and may have billed, so nobody asks it again."""
    with contextlib.closing(response), contextlib.suppress(ProtocolError):
        return response.whole(seconds)
    return b""


def _object(body: bytes) -> Mapping[str, Any]:
    """Empty where the body is no JSON or no object: that is an answer without anything in it."""
    try:
        answer = parsed(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(response: Answer, operation: str, seconds: float) -> ClientError:
    answer = {"status_code": response.status, "headers": response.headers, "body": _body(response, seconds)}
    no_shape: Any = None  # an error has none
    return ClientError(create_parser("rest-json").parse(answer, no_shape), operation)
