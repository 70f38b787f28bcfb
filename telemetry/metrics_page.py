"""GET /metrics, for Prometheus alone: at METRICS_PORT, which no load balancer sends anybody to."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.http.response import HttpResponseBase

from telemetry import instruments

PATH = "/metrics"


class MetricsMiddleware:
    """Answers /metrics at METRICS_PORT, and nothing else there; with METRICS_PORT=0 on the service's own port.

    The first of all: Prometheus asks by address, and what it asks is neither logged nor counted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_page = request.path_info == PATH
        if settings.METRICS == "prometheus":
            if came_to_port(request.META, settings.METRICS_PORT):
                return _page(request) if is_page else HttpResponseNotFound()
            if is_page and not settings.METRICS_PORT:
                return _page(request)
        return self.get_response(request)


def came_to_port(environ: dict[str, Any], port: int) -> bool:
    """Whether a request came to a listener of this server with this port.

    SERVER_PORT alone may be the caller's invention: of a Unix socket it comes from Host, on Lambda from
    X-Forwarded-Port.
    """
    if environ.get("SERVER_PORT") != str(port) or "gunicorn.socket" not in environ:
        return False
    address = environ["gunicorn.socket"].getsockname()
    return isinstance(address, tuple) and address[1] == port


def _page(request: HttpRequest) -> HttpResponse:
    from telemetry.prometheus import MEDIA_TYPE, Prometheus

    backend = instruments.backend()
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not isinstance(backend, Prometheus):
        return HttpResponseNotFound()
    return HttpResponse(backend.page(), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
