"""A turn as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from collections.abc import Iterator
from typing import Any

import orjson
from django.http import HttpRequest, StreamingHttpResponse

from bedrock_client import DeadlineExceeded
from conversations.api import bodies
from conversations.api.budget_headers import budget_headers
from conversations.api.problems import problem_of
from conversations.domain import LEASE_MARGIN_SECONDS
from conversations.services.stream_message import Delta, Done, Failed, Started, TurnEvent, Watch
from core.deadline import Deadline

MEDIA_TYPE = "text/event-stream"
# Load balancers close what is silent for a minute, browsers' proxies sooner.
HEARTBEAT_SECONDS = 15.0
_HEARTBEAT = b": still working\n\n"
# nginx and its kin would collect the events otherwise.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def wants_stream(request: HttpRequest, stream: bool | None) -> bool:
    """What the body says; where it is silent, whether Accept would rather have events than JSON."""
    if stream is not None:
        return stream
    return request.get_preferred_type(["application/json", MEDIA_TYPE]) == MEDIA_TYPE


def event_stream(
    request: HttpRequest, watch: Watch, *, deadline: Deadline, headers: dict[str, str]
) -> StreamingHttpResponse:
    """The response that tells what happens.

    Waits for the first event, so that a refusal is a problem with a status of its own: raises what the turn failed of.
    """
    first = watch.next(deadline.remaining() + LEASE_MARGIN_SECONDS) or Failed(DeadlineExceeded("no event at all"))
    if isinstance(first, Failed):
        raise first.error
    if isinstance(first, Started):
        headers = headers | budget_headers(first.standing)
    frames = _frames(request, first, watch, deadline)
    return StreamingHttpResponse(frames, content_type=MEDIA_TYPE, headers=_HEADERS | headers)


def _frames(request: HttpRequest, first: TurnEvent, watch: Watch, deadline: Deadline) -> Iterator[bytes]:
    event: TurnEvent | None = first
    while not isinstance(event, Done | Failed):
        yield _frame(request, event) if event else _HEARTBEAT
        event = watch.next(HEARTBEAT_SECONDS)
        if event is None and deadline.remaining() < -LEASE_MARGIN_SECONDS:
            event = Failed(DeadlineExceeded("the turn never ended"))
    yield _frame(request, event)


def _frame(request: HttpRequest, event: TurnEvent) -> bytes:
    match event:
        case Started():
            return _sse(b"start", bodies.start_body(event))
        case Delta():
            return _sse(b"delta", {"text": event.text})
        case Done():
            return _sse(b"done", bodies.chat_body(event.answered))
        case Failed():
            return _sse(b"error", problem_of(request, event.error))


def _sse(name: bytes, data: dict[str, Any]) -> bytes:
    # JSON has no raw line breaks, so the data is one line. The other line separators of Unicode mean nothing to SSE.
    return b"event: %b\ndata: %b\n\n" % (name, orjson.dumps(data))
