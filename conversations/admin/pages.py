"""Staff's pages about sessions and usage: where in the admin they are, and how their problems are told."""

import logging

from django import forms
from django.core.exceptions import PermissionDenied

from access.staff import pages
from access.staff.pages import NO_SUCH_PAGE, NOT_ALLOWED, Place, Problem
from conversations.errors import InvalidCursor, SessionNotFound, UsageIncomplete
from conversations.models import Session
from core.errors import ServiceError
from dynamodb_client.errors import StoreUnavailable


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


class WriteUnanswered(StoreUnavailable):
    """DynamoDB did not answer while it was to change something: that may have happened or not."""


_PROBLEMS: dict[type[Exception], Problem] = {
    PermissionDenied: NOT_ALLOWED,
    SessionNotFound: Problem(404, "No such session", "It was never there, has been erased, or has expired."),
    InvalidCursor: NO_SUCH_PAGE,
    BadQuery: Problem(400, "This cannot be shown"),
    UsageIncomplete: Problem(
        503,
        "Some of these days are not in the sums yet",
        "Nothing was exported. Open the page of usage, go on until it misses no day, and export again.",
    ),
    StoreUnavailable: Problem(
        503,
        "DynamoDB cannot be reached",
        "Sessions and usage cannot be shown, changed or exported at the moment; accounts, groups and the audit trail "
        "can be used. Try again soon.",
    ),
}
_UNCERTAIN = "What you asked for may have been done all the same: look at the session as soon as it can be shown."

_PLACE = Place(
    model=Session,
    template="admin/conversations/problem.html",
    told=(PermissionDenied, ServiceError),
    problems=_PROBLEMS,
    logger=logging.getLogger("conversations"),
    uncertain=_UNCERTAIN,
    unanswered=WriteUnanswered,
)
TOLD = _PLACE.told
may, require, page_context, problem_page = _PLACE.may, _PLACE.require, _PLACE.page_context, _PLACE.problem_page


class StaffPage(pages.StaffPage):
    """A page about sessions or usage; its permissions are this app's."""

    place = _PLACE
