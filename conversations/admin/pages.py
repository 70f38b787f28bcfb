"""What every page of staff's has in common: permission first, then the page, and a page of its own for trouble."""

import logging
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.generic import View

from conversations.errors import InvalidCursor, SessionNotFound, UsageIncomplete
from conversations.models import Session
from core.errors import ServiceError
from dynamodb_client.errors import StoreUnavailable

logger = logging.getLogger("conversations")


class BadQuery(ServiceError):
    """The address of a page asks for something that there cannot be; the message says what."""

    code = "invalid_request"

    @classmethod
    def of(cls, form: forms.Form) -> "BadQuery":
        """All that is wrong with the parameters, each said with its name."""
        return cls(
            " ".join(
                str(error) if name == "__all__" else f"{name}: {error}"
                for name, errors in form.errors.items()
                for error in errors
            )
        )


_PROBLEMS: dict[type[Exception], tuple[int, str, str]] = {
    PermissionDenied: (403, "Not allowed", "Your account may not do this. Ask whoever manages staff accounts."),
    SessionNotFound: (404, "No such session", "It was never there, has been erased, or has expired."),
    InvalidCursor: (400, "No such page", "The address of this page is not one that was given out. Begin at the list."),
    BadQuery: (400, "This cannot be shown", ""),
    UsageIncomplete: (
        503,
        "Some of these days are not in the sums yet",
        "Nothing was exported. Open the page of usage, go on until it misses no day, and export again.",
    ),
    StoreUnavailable: (
        503,
        "DynamoDB cannot be reached",
        "Sessions cannot be shown or changed at the moment; accounts, groups and the audit trail can. Try again soon.",
    ),
}

SERVER_ERROR = 500

# What a page tells of instead of failing.
TOLD = (PermissionDenied, ServiceError)


def page_context(request: HttpRequest, title: str) -> dict[str, Any]:
    """What the admin's base template and ours need."""
    request.current_app = admin.site.name
    return {**admin.site.each_context(request), "title": title, "opts": Session._meta}  # noqa: SLF001  # the admin's own name for it


def problem_page(request: HttpRequest, error: Exception) -> TemplateResponse:
    """The page that tells of a refusal or an outage."""
    status, title, sentence = next(
        (row for kind, row in _PROBLEMS.items() if isinstance(error, kind)),
        (500, "This did not work", "The log says why."),
    )
    # Tracebacks of what is no caller's mistake; messages of the others may quote what was typed.
    trace = error if status >= SERVER_ERROR else None
    logger.warning("staff page: %s (%s)", title, type(error).__name__, exc_info=trace)
    context = {**page_context(request, title), "sentence": sentence or str(error)}
    return TemplateResponse(request, "admin/conversations/problem.html", context, status=status)


def require(request: HttpRequest, permission: str) -> None:
    """Raises PermissionDenied unless the member of staff has this permission of ours."""
    if not may(request, permission):
        raise PermissionDenied


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the member of staff has this permission of ours."""
    return request.user.has_perm(f"conversations.{permission}")


class StaffPage(View):
    """A page that one permission opens. The permission is asked before anything is looked up, so nothing is told."""

    permission: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401  # as Django has it
        try:
            require(request, self.permission)
            return super().dispatch(request, *args, **kwargs)
        except TOLD as error:
            return problem_page(request, error)
