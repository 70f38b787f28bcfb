"""What every page about keys has in common: permission first, then the page, and a page of its own for trouble."""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.generic import View

from access import models
from access.admin.one_time import FormSentBefore
from access.keys.errors import InvalidField, KeyNotActive, KeyNotFound
from dynamodb_client.errors import StoreUnavailable

logger = logging.getLogger("access")

VIEW = "view_apikey"
MANAGE = "manage_apikey"

_SENT_BEFORE = (
    "Nothing was done this time. The secret of a key that it made cannot be shown again: where nobody has it, revoke "
    "that key and create another."
)
# What a page tells of instead of failing: status, title, and a sentence where the error's own words do not do.
_PROBLEMS: dict[type[Exception], tuple[int, str, str]] = {
    PermissionDenied: (403, "Not allowed", "Your account may not do this. Ask whoever manages staff accounts."),
    KeyNotFound: (404, "No such key", ""),
    KeyNotActive: (409, "This key cannot be changed so", ""),
    FormSentBefore: (
        409,
        "This form was sent before",
        _SENT_BEFORE,
    ),
    InvalidField: (400, "No such page", "The address of this page is not one that was given out. Begin at the list."),
    StoreUnavailable: (
        503,
        "DynamoDB cannot be reached",
        "Keys cannot be shown or changed at the moment; accounts, groups and the audit trail can. Try again soon.",
    ),
}
TOLD = tuple(_PROBLEMS)
_UNCERTAIN = (
    "What you asked for may have been done all the same: look at the list as soon as it can be shown, and revoke a new "
    "key whose secret nobody has."
)


def page_context(request: HttpRequest, title: str) -> dict[str, Any]:
    """What the admin's base template and ours need."""
    request.current_app = admin.site.name
    return {**admin.site.each_context(request), "title": title, "opts": models.ApiKey._meta}  # noqa: SLF001  # the admin's own name for it


def problem_page(request: HttpRequest, error: Exception) -> TemplateResponse:
    """The page that tells of a refusal or an outage."""
    status, title, sentence = next(row for kind, row in _PROBLEMS.items() if isinstance(error, kind))
    logger.warning("staff page: %s", title)
    is_uncertain = isinstance(error, StoreUnavailable) and request.method == "POST"
    context = {
        **page_context(request, title),
        "sentences": [sentence or str(error), *([_UNCERTAIN] if is_uncertain else [])],
        "may_list": may(request, VIEW),
    }
    return TemplateResponse(request, "admin/access/apikey/problem.html", context, status=status)


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the member of staff has this permission of ours."""
    return request.user.has_perm(f"access.{permission}")


def staff_of(request: HttpRequest) -> User:
    """The member of staff; `admin_view` lets nobody else so far."""
    return cast("User", request.user)


class StaffPage(View):
    """A page that these permissions open together. They are asked before anything is looked up, so nothing is told."""

    permissions: ClassVar[tuple[str, ...]] = (VIEW, MANAGE)
    http_method_names: Sequence[str] = ("get", "head", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401  # as Django has it
        try:
            if not all(may(request, permission) for permission in self.permissions):
                raise PermissionDenied
            return super().dispatch(request, *args, **kwargs)
        except TOLD as error:
            return problem_page(request, error)
