"""Staff's pages about keys: where in the admin they are, and how their problems are told."""

import logging
from typing import ClassVar, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from access import models
from access.admin.one_time import FormSentBefore
from access.keys.errors import InvalidField, KeyNotActive, KeyNotFound
from access.staff import pages
from access.staff.pages import NO_SUCH_PAGE, NOT_ALLOWED, Place, Problem
from dynamodb_client.errors import StoreUnavailable

VIEW = "view_apikey"
MANAGE = "manage_apikey"

_SENT_BEFORE = (
    "Nothing was done this time. The secret of a key that it made cannot be shown again: where nobody has it, revoke "
    "that key and create another."
)
_PROBLEMS: dict[type[Exception], Problem] = {
    PermissionDenied: NOT_ALLOWED,
    KeyNotFound: Problem(404, "No such key"),
    KeyNotActive: Problem(409, "This key cannot be changed so"),
    FormSentBefore: Problem(409, "This form was sent before", _SENT_BEFORE),
    InvalidField: NO_SUCH_PAGE,
    StoreUnavailable: Problem(
        503,
        "DynamoDB cannot be reached",
        "Keys cannot be shown or changed at the moment; accounts, groups and the audit trail can. Try again soon.",
    ),
}
_UNCERTAIN = (
    "What you asked for may have been done all the same: look at the list as soon as it can be shown, and revoke a new "
    "key whose secret nobody has."
)
_PLACE = Place(
    model=models.ApiKey,
    template="admin/access/apikey/problem.html",
    told=tuple(_PROBLEMS),
    problems=_PROBLEMS,
    logger=logging.getLogger("access"),
    uncertain=_UNCERTAIN,
)
TOLD = _PLACE.told
may, page_context, problem_page = _PLACE.may, _PLACE.page_context, _PLACE.problem_page


def staff_of(request: HttpRequest) -> User:
    """The member of staff; `admin_view` lets nobody else so far."""
    return cast("User", request.user)


class StaffPage(pages.StaffPage):
    """A page about keys; its permissions are this app's."""

    place = _PLACE
    permissions: ClassVar[tuple[str, ...]] = (VIEW, MANAGE)
