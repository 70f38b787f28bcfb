"""Django's admin, with our own names for what is in it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


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
