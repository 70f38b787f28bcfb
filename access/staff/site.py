"""Django's admin, with our own names for what is in it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver

from access.staff.parameters import check_parameters
from access.staff.recent import recent_actions

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class StaffSite(admin.AdminSite):
    """A place in the index and the side bar is called what its `menu_name` says, where it has one.

    That of Django's own models cannot be theirs: a model's name is part of its migrations.
    """

    site_header = site_title = "Chatbot staff"
    index_title = "Sessions, usage, accounts and audit trail"
    site_url = "/docs"  # "View site": `/` is JSON, which helps no member of staff

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            for place in app["models"]:
                place["name"] = getattr(self._registry[place["model"]], "menu_name", place["name"])
        return apps

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without "view on site": nothing here has a page there, and placeholders have no table to look in."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return super().admin_view(_with_possible_parameters(view), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(
            request, {**(extra_context or {}), "recent_actions": recent_actions(cast("User", request.user))}
        )


def _with_possible_parameters(view: View) -> View:
    """The view, which addresses that ask for the impossible do not reach."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401  # a view's own
        check_parameters(request.GET)
        return view(request, *args, **kwargs)

    return cast("View", checked)
