"""Model calls without the SDK's work around them. What a refusal says is read by botocore's own parser.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

import orjson
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from urllib3 import BaseHTTPResponse, HTTPResponse
from urllib3.exceptions import ProtocolError

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
        response = self._calls.post(path, body, _JSON, read_seconds=seconds, whole=False)
        if response.status != _OK:
            raise _refusal(response, "Converse")
        return _object(_body(response))

    def converse_stream(self, arguments: Arguments, seconds: float) -> StreamedBody:
        path, body = _request(arguments, "converse-stream")
        response = self._calls.post(path, body, _EVENTS, read_seconds=seconds, whole=False)
        if response.status != _OK:
            raise _refusal(response, "ConverseStream")
        return StreamedBody(cast("HTTPResponse", response), response.headers.get("x-amzn-requestid", "unknown"))


def _request(arguments: Arguments, operation: str) -> tuple[str, bytes]:
    """Path and body; the model's id, which holds colons and may be an ARN, stands in the path alone."""
    body = {name: value for name, value in arguments.items() if name != "modelId"}
    return f"/model/{quote(arguments['modelId'], safe='-._~')}/{operation}", orjson.dumps(body)


def _body(response: BaseHTTPResponse) -> bytes:
    """All of it; empty where it broke off: the model has answered and may have billed, so nobody asks it again."""
    try:
        return response.read()
    except ProtocolError:
        response.close()
        return b""
    finally:
        response.release_conn()


def _object(body: bytes) -> Mapping[str, Any]:
    """Empty where the body is no JSON or no object: that is an answer without anything in it."""
    try:
        answer = parsed(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(response: BaseHTTPResponse, operation: str) -> ClientError:
    headers = {name.lower(): value for name, value in response.headers.items()}
    answer = {"status_code": response.status, "headers": headers, "body": _body(response)}
    no_shape: Any = None  # an error has none
    return ClientError(create_parser("rest-json").parse(answer, no_shape), operation)
