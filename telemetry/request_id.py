"""The id of a request: taken from the caller or made here, sent back, and named in every problem."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
# What a caller sends goes into headers and logs, so nothing that could break a line may be in it.
_ACCEPTED = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


class RequestIDMiddleware:
    """Sets `request.request_id` (see `request_id`) and the response's X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        known = given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        request.request_id = known  # type: ignore[attr-defined]  # Django's request is made to carry such things
        response = self.get_response(request)
        response[HEADER] = known
        return response


def request_id(request: HttpRequest) -> str:
    """The id of this request; empty where the middleware has not seen it (a unit test's bare request)."""
    return getattr(request, "request_id", "")
