"""What staff see after too many failed sign-ins."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, str] | None) -> HttpResponse:  # noqa: ARG001  # django-axes' signature
    """Status 429 with Retry-After in seconds; whether the name exists is not said."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {**admin.site.each_context(request), "title": "Too many failed sign-ins", "minutes": seconds // 60}
    page = render(request, "chatbot_project/locked_out.html", context, status=429)
    page["Retry-After"] = str(seconds)
    return page
