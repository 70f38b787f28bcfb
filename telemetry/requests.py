"""Each request: its context for whatever is logged on the way, one log line, and its metrics.

The line names the route and never the path, in which a session id may stand.
"""

import functools
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from time import monotonic

from django.conf import settings
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from telemetry import instruments, metrics
from telemetry.context import RequestContext, current_request
from telemetry.log_lines import log_facts
from telemetry.owners import owner_hash
from telemetry.request_id import request_id
from telemetry.trace_context import find_parent

logger = logging.getLogger("telemetry.request")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# OpenTelemetry's word for any other: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
OTHER_METHOD = "_OTHER"
NO_ROUTE, FILES = "none", "/static"
# Asked by machines every few seconds: no metrics, and a line only at DEBUG.
PROBES = frozenset({"/health", "/health/ready"})
# As Django writes it: <str:name> in a path, (?P<name>.*)$ in a regular expression.
_PARAMETER = re.compile(r"\(\?P<(?P<named>\w+)>[^()]*\)\$?|<(?:\w+:)?(?P<name>\w+)>")


class RequestMiddleware:
    """Watches a request until the last byte of its answer. Behind RequestIDMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        context = _context(request)
        held = current_request.set(context)
        metrics.REQUESTS_IN_FLIGHT.add(1)
        status, streams = 500, False
        try:
            response = self.get_response(request)
            status = response.status_code
            if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
                watched = _Stream(response.streaming_content, context, lambda: _ended(request, context, status))  # type: ignore[arg-type]  # no asynchronous one is made here
                response.streaming_content, streams = watched, True
            return response
        finally:
            if not streams:
                _ended(request, context, status)
            current_request.reset(held)


class _Stream:
    """The pieces of an answer, each made within the request's context; at the end of them `ended` is called once."""

    def __init__(self, pieces: Iterable[bytes], context: RequestContext, ended: Callable[[], None]) -> None:
        self._pieces, self._context, self._ended = pieces, context, ended
        self._next = iter(pieces)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        held = current_request.set(self._context)
        try:
            return next(self._next)
        finally:
            current_request.reset(held)

    def close(self) -> None:
        """The server calls it at the end, and where the caller has gone."""
        ended, self._ended = self._ended, _nothing
        try:
            if hasattr(self._pieces, "close"):
                self._pieces.close()
        finally:
            ended()


class RoutesNotPaths(logging.Filter):
    """For `django.request`: of its lines only those with a traceback, and with the route in place of the path.

    What the others say is in the line of the request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple) and record.args:
            record.args = (record.args[0], _route(request))
        return bool(record.exc_info)


def note_owner(owner: str) -> None:
    """The request under way is this owner's."""
    if context := current_request.get():
        context.owner = owner


def _context(request: HttpRequest) -> RequestContext:
    now = monotonic()
    began = getattr(request.META.get("gunicorn.socket"), "request_began_at", None) or now
    parent = find_parent(request.headers.get, xray_first=settings.TRACES == "xray")
    context = RequestContext(request_id(request), started=began, queue_seconds=now - began)
    if parent:
        context.trace_id, context.parent_id, context.sampled = parent.trace_id, parent.span_id, parent.sampled
    return context


def _ended(request: HttpRequest, context: RequestContext, status: int) -> None:
    metrics.REQUESTS_IN_FLIGHT.add(-1)
    seconds = monotonic() - context.started
    method = request.method if request.method in METHODS else OTHER_METHOD
    route = _route(request)
    is_probe = route in PROBES
    if not is_probe:
        metrics.REQUEST_SECONDS.observe(seconds, str(method), route, str(status))
    facts: dict[str, object] = {
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        "queue_ms": round(context.queue_seconds * 1000, 1),
        "owner": owner_hash(context.owner) if context.owner else "",
    }
    held = current_request.set(context)
    try:
        log_facts(logger, logging.DEBUG if is_probe else logging.INFO, "request", facts)
    finally:
        current_request.reset(held)
    instruments.backend().flush()


def _route(request: HttpRequest) -> str:
    """The template that the path matched, as the OpenAPI document writes it: /history/{session_id}."""
    match = request.resolver_match
    if match is not None:
        return _template(match.route)
    return FILES if request.path_info.startswith(settings.STATIC_URL) else NO_ROUTE


@functools.lru_cache(maxsize=512)
def _template(route: str) -> str:
    return "/" + _PARAMETER.sub(lambda found: f"{{{found['named'] or found['name']}}}", route)


def _nothing() -> None:
    pass
