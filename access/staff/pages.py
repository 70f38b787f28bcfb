"""What every page of staff's has in common: permission first, then the page, and a page of its own for trouble.

Each app that has such pages says in its own `pages` where in the admin they are, and how its problems are told.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.generic import View

from dynamodb_client.errors import StoreUnavailable

SERVER_ERROR = 500


class Problem(NamedTuple):
    """How a refusal or an outage is told; without a sentence, in the error's own words."""

    status: int
    title: str
    sentence: str = ""


NOT_ALLOWED = Problem(403, "Not allowed", "Your account may not do this. Ask whoever manages staff accounts.")
NO_SUCH_PAGE = Problem(
    400, "No such page", "The address of this page is not one that was given out. Begin at the list."
)
_UNFORESEEN = Problem(SERVER_ERROR, "This did not work", "The log says why.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the admin pages are: at a model, whose app's permissions open them.

    `told` are the errors that a page tells of instead of failing, `problems` says how. `uncertain` is added to one of
    `unanswered` after a form was sent: DynamoDB may have done what it did not answer.
    """

    model: type[Model]
    template: str
    told: tuple[type[Exception], ...]
    problems: Mapping[type[Exception], Problem]
    logger: logging.Logger
    uncertain: str = ""
    unanswered: type[StoreUnavailable] = StoreUnavailable

    def may(self, request: HttpRequest, permission: str) -> bool:
        """Whether the member of staff has this permission of the app's."""
        return request.user.has_perm(f"{self.model._meta.app_label}.{permission}")  # noqa: SLF001  # Django's own name

    def require(self, request: HttpRequest, *permissions: str) -> None:
        """Raises PermissionDenied unless the member of staff has all of these permissions of the app's."""
        if not all(self.may(request, permission) for permission in permissions):
            raise PermissionDenied

    def page_context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """What the admin's base template and ours need."""
        request.current_app = admin.site.name
        return {**admin.site.each_context(request), "title": title, "opts": self.model._meta}  # noqa: SLF001  # as above

    def problem_page(self, request: HttpRequest, error: Exception) -> TemplateResponse:
        """The page that tells of a refusal or an outage."""
        problem = next((row for kind, row in self.problems.items() if isinstance(error, kind)), _UNFORESEEN)
        # Tracebacks of what is no caller's mistake; messages of the others may quote what was typed.
        trace = error if problem.status >= SERVER_ERROR else None
        self.logger.warning("staff page: %s (%s)", problem.title, type(error).__name__, exc_info=trace)
        is_uncertain = self.uncertain and isinstance(error, self.unanswered) and request.method == "POST"
        sentences = [problem.sentence or str(error), *([self.uncertain] if is_uncertain else [])]
        context = {**self.page_context(request, problem.title), "sentences": sentences}
        return TemplateResponse(request, self.template, context, status=problem.status)


class StaffPage(View):
    """A page that its permissions open together. They are asked before anything is looked up, so nothing is told."""

    place: ClassVar[Place]
    permissions: ClassVar[tuple[str, ...]]
    http_method_names: Sequence[str] = ("get", "head", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401  # as Django has it
        try:
            self.place.require(request, *self.permissions)
            return super().dispatch(request, *args, **kwargs)
        except self.place.told as error:
            return self.place.problem_page(request, error)
