"""RateLimit-* on every answer to a known caller: problems, streams and errors that nobody foresaw too.

As in https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-03
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from access.limits.callers import window_of


class RateLimitHeadersMiddleware:
    """Tells each caller how much is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        window = window_of(request)
        if window is not None:
            response["RateLimit-Limit"] = str(window.limit)
            response["RateLimit-Remaining"] = str(window.remaining)
            response["RateLimit-Reset"] = str(window.reset_seconds)
        return response
