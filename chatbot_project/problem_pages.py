"""Django's error handlers: a page in the admin's look for people at staff's addresses, a problem for everybody else."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views import csrf

from chatbot_project.security import STAFF_PATHS
from conversations.api import problems
from telemetry.request_id import request_id

_TEMPLATE = "admin/staff/problem.html"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if not _is_for_people(request):
        return problems.bad_request(request, exception)
    sentence = "The address or the form asks for something that there cannot be. Begin at the start page."
    return HttpResponse(_page(request, "This cannot be shown", sentence), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    if not _is_for_people(request):
        return problems.permission_denied(request, exception)
    from access.staff.pages import NOT_ALLOWED  # callers of the API need none of the admin

    return HttpResponse(_page(request, NOT_ALLOWED.title, NOT_ALLOWED.sentence), status=NOT_ALLOWED.status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    if not _is_for_people(request):
        return problems.not_found(request, exception)
    sentence = "There is nothing at this address: it was never there, or it is gone."
    return HttpResponse(_page(request, "No such page", sentence), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. Its page asks nothing of the database, which may be what is away."""
    if not _is_for_people(request):
        return problems.server_error(request)
    sentence = f"Something went wrong here, and the log says what. The id of this request is {request_id(request)}."
    return HttpResponse(_bare_page("This did not work", sentence), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Django's CSRF_FAILURE_VIEW."""
    if not _is_for_people(request):
        return csrf.csrf_failure(request, reason=reason)
    sentence = (
        "The form is too old: somebody has signed in or out in this browser since it was opened, or it comes from "
        "another site. Nothing was changed. Go back, reload the page, and send the form again."
    )
    return HttpResponseForbidden(_page(request, "This form is too old", sentence))


def _is_for_people(request: HttpRequest) -> bool:
    return request.path_info.startswith(STAFF_PATHS) and request.accepts("text/html")


def _page(request: HttpRequest, title: str, sentence: str) -> str:
    """With the side bar for members of staff; a request that was refused early has nobody yet."""
    if not hasattr(request, "user"):
        return _bare_page(title, sentence)
    from django.contrib import admin  # callers of the API need none of it

    context = {**admin.site.each_context(request), "title": title, "sentence": sentence}
    return render_to_string(_TEMPLATE, context, request)


def _bare_page(title: str, sentence: str) -> str:
    return render_to_string(_TEMPLATE, {"title": title, "sentence": sentence})
