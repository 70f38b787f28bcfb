"""Model calls by the SDK, where only it knows how they are made (a proxy, a bearer token): see `core.quick_calls`."""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from urllib3 import HTTPResponse

from .filtered import keep_error_field
from .operations import StreamedBody
from .sdk_connection import SDKConnection
from .values import ModelRequest
from .wire import to_arguments

_read_seconds: ContextVar[float] = ContextVar("bedrock_read_seconds")


class SDKRuntime:
    """A `Runtime` over the SDK's client."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  # botocore makes the client's class at run time
        client.meta.events.register("before-call.bedrock-runtime", _apply_read_seconds)
        client.meta.events.register("before-parse.bedrock-runtime.Converse", keep_error_field)
        self._client = client

    def converse(self, request: ModelRequest, seconds: float) -> Mapping[str, Any]:
        with _reading_within(seconds):
            answer: Mapping[str, Any] = self._client.converse(**to_arguments(request))
        return answer

    def converse_stream(self, request: ModelRequest, seconds: float) -> StreamedBody:
        with _reading_within(seconds):
            answer = self._client.converse_stream(**to_arguments(request))
        # botocore hands out a stream of events; the bytes beneath it have no public name.
        response = cast("HTTPResponse", answer["stream"]._raw_stream)  # noqa: SLF001
        return StreamedBody(SDKConnection(response), answer["ResponseMetadata"].get("RequestId", "unknown"))


@contextmanager
def _reading_within(seconds: float) -> Iterator[None]:
    """Inside, a call gives up when Bedrock is silent for so long."""
    token = _read_seconds.set(seconds)
    try:
        yield
    finally:
        _read_seconds.reset(token)


def _apply_read_seconds(context: MutableMapping[str, Any], **_event: object) -> None:
    # A client has one read timeout; this key is botocore's override for a single call:
    # https://github.com/boto/botocore/pull/3770
    seconds = _read_seconds.get(None)
    if seconds is not None:
        context["read_timeout"] = seconds
