"""The sign-in page, and the page that says why a sign-in came to nothing."""

import logging
from types import MappingProxyType

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse

from access.errors import AccessError, InvalidCredentials, IssuerUnavailable
from access.staff.sign_in.errors import AccountInactive, NoGroup

logger = logging.getLogger("access")

# Status, title and sentence; {name} is the issuer's.
_PAGES = MappingProxyType(
    {
        NoGroup: (403, "No access", "{name} knows you, but none of your groups there may use these pages."),
        AccountInactive: (403, "No access", "Your account here is switched off."),
        IssuerUnavailable: (503, "Sign-in not available", "{name} cannot be reached now. Try again in a moment."),
        InvalidCredentials: (400, "Not signed in", "The sign-in was not completed. Please begin again."),
    }
)


def sign_in_page(request: HttpRequest) -> HttpResponseBase:
    """Django's own page, with the way to the issuer on it, and without the password form where that is off."""
    if request.method == "POST" and not settings.STAFF_PASSWORDS:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    context = {"issuer_name": settings.STAFF_OIDC_NAME, "passwords": settings.STAFF_PASSWORDS}
    page: HttpResponseBase = admin.site.login(request, extra_context=context)
    if isinstance(page, TemplateResponse):  # and not on the way to where the person wanted to go
        page.template_name = "admin/access/sign_in/sign_in.html"
    return page


def refusal(request: HttpRequest, error: AccessError) -> HttpResponse:
    """The page for an error; the reason is for the log alone."""
    logger.warning("a sign-in of staff at their issuer came to nothing: %s", error)
    status, title, sentence = next(page for kind, page in _PAGES.items() if isinstance(error, kind))
    context = {
        **admin.site.each_context(request),
        "title": title,
        "sentence": sentence.format(name=settings.STAFF_OIDC_NAME),
        "passwords": settings.STAFF_PASSWORDS and status == 503,  # noqa: PLR2004  # then they are the way in
    }
    page = render(request, "admin/access/sign_in/refused.html", context, status=status)
    if error.retry_after is not None:
        page["Retry-After"] = str(round(error.retry_after))
    return page
