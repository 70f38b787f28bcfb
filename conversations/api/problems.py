"""Errors have one door: this table, and one shape, RFC 9457's application/problem+json.

Vendor text goes to the log; the caller gets a sentence of ours.
"""

import json
import logging
import math
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request

from core.errors import ServiceError
from telemetry.request_id import request_id

logger = logging.getLogger("conversations")

MEDIA_TYPE = "application/problem+json"

# code: status, title, detail
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "invalid_request": (400, "Invalid request", "The request is not valid."),
    "unknown_model": (400, "Unknown model", "This model does not exist or may not be used here; see GET /models."),
    "not_authenticated": (401, "Not authenticated", "Credentials are missing or not valid."),
    "permission_denied": (403, "Permission denied", "These credentials do not allow this."),
    "not_found": (404, "Not found", "There is nothing at this path."),
    "session_not_found": (404, "Session not found", "There is no such session."),
    "method_not_allowed": (405, "Method not allowed", "This path does not know this method."),
    "turn_cancelled": (409, "Turn cancelled", "The turn was stopped before it had an answer."),
    "turn_in_progress": (409, "Turn in progress", "Another message of this session is being answered."),
    "payload_too_large": (413, "Payload too large", "The request body is too large."),
    "unsupported_media_type": (415, "Unsupported media type", "Send the body as application/json."),
    "content_blocked": (422, "Content blocked", "The model's filters blocked the message or its answer."),
    "idempotency_key_reused": (
        422,
        "Idempotency key reused",
        "This Idempotency-Key was sent with a different request before.",
    ),
    "model_throttled": (429, "Model throttled", "The model is taking no more requests at the moment."),
    "rate_limited": (429, "Rate limited", "More requests than this caller may send; wait before the next one."),
    "budget_exhausted": (429, "Budget exhausted", "This caller's budget for the month does not suffice for the turn."),
    "internal_error": (500, "Internal error", "Something went wrong here; the request id helps to find it."),
    "model_error": (502, "Model error", "The model gave no usable answer."),
    "model_access_denied": (502, "Model access denied", "This service has no access to the model."),
    "model_unavailable": (503, "Model unavailable", "The model cannot be reached."),
    "issuer_unavailable": (503, "Issuer unavailable", "The token cannot be verified at the moment."),
    "store_unavailable": (503, "Store unavailable", "Conversations cannot be read or stored at the moment."),
    "deadline_exceeded": (504, "Deadline exceeded", "The answer took longer than it may."),
}
# DRF's words for what has a name of its own here.
_CODES = {
    "parse_error": "invalid_request",
    "authentication_failed": "not_authenticated",
    "not_acceptable": "invalid_request",
}
# Where a retry helps and nobody knows when.
DEFAULT_RETRY_SECONDS = 2
_FIRST_SERVER_ERROR = 500


def problem(
    request: HttpRequest,
    code: str,
    *,
    detail: str = "",
    retry_after: float | None = None,
    retryable: bool = False,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """The response that tells of `code`, with Retry-After where a retry helps."""
    body = _body(request, code, detail=detail, retry_after=retry_after, retryable=retryable)
    headers = dict(headers or {})
    if retryable:
        headers["Retry-After"] = str(body["retry_after"])
    if errors is not None:
        body["errors"] = errors
    content = json.dumps(body, ensure_ascii=False)
    return HttpResponse(content, status=body["status"], content_type=MEDIA_TYPE, headers=headers)


def problem_of(request: HttpRequest, error: Exception) -> dict[str, Any]:
    """The body of a problem without a response of its own: a turn broke off after its status line was sent."""
    if isinstance(error, ServiceError):
        _log(error)
        return _body(request, error.code, retryable=error.retryable, retry_after=error.retry_after)
    return _body(request, "internal_error")


def _body(
    request: HttpRequest, code: str, *, detail: str = "", retryable: bool = False, retry_after: float | None = None
) -> dict[str, Any]:
    status, title, sentence = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": f"urn:chatbot:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or sentence,
        "code": code,
        "request_id": request_id(request),
    }
    if retryable:
        seconds = max(1, math.ceil(DEFAULT_RETRY_SECONDS if retry_after is None else retry_after))
        body |= {"retryable": True, "retry_after": seconds}
    return body


def handle_exception(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. None for what nobody foresaw: Django logs that and calls `server_error`."""
    request = bare(context["request"])
    if isinstance(error, ServiceError):
        _log(error)
        return problem(request, error.code, retryable=error.retryable, retry_after=error.retry_after)
    if isinstance(error, ValidationError):
        return problem(request, "invalid_request", errors=_errors(error.detail))
    if isinstance(error, Http404):
        return problem(request, "not_found")
    if isinstance(error, APIException):
        return _from_drf(request, error)
    return None


def _log(error: ServiceError) -> None:
    """What the caller alone can mend is no news to whoever runs the service."""
    level = logging.WARNING if PROBLEMS[error.code][0] >= _FIRST_SERVER_ERROR else logging.INFO
    logger.log(level, "%s", ": ".join(filter(None, (error.code, str(error)))))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Django's handler400."""
    return problem(request, "invalid_request")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Django's handler404."""
    return problem(request, "not_found")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Django's handler403."""
    return problem(request, "permission_denied")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return problem(request, "internal_error")


def _from_drf(request: HttpRequest, error: APIException) -> HttpResponse:
    code = _CODES.get(error.default_code, error.default_code)
    challenge = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": str(challenge)} if challenge else {}
    if code != "invalid_request":
        return problem(request, code, headers=headers)
    detail = str(error.detail)
    return problem(request, code, detail=detail, errors=[{"attr": None, "code": "invalid", "detail": detail}])


def _errors(detail: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # DRF nests lists and dictionaries at will
    if isinstance(detail, dict):
        named = [(None if name == "non_field_errors" else name, errors) for name, errors in detail.items()]
    else:
        named = [(None, detail)]
    return [
        {"attr": attr, "code": error.code if isinstance(error, ErrorDetail) else "invalid", "detail": str(error)}
        for attr, errors in named
        for error in (errors if isinstance(errors, list) else [errors])
    ]


def bare(request: Request | HttpRequest) -> HttpRequest:
    """Django's request in DRF's."""
    return request._request if isinstance(request, Request) else request  # noqa: SLF001  # DRF has no public name for it
