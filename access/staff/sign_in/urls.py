"""Paths below /admin/, in force only where STAFF_OIDC_ISSUER is set. They stand before the admin's own.

The chat plane reads the same URLconf: what brings mozilla-django-oidc with it is imported by the first sign-in.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from access.staff.sign_in.pages import sign_in_page


def begin(request: HttpRequest) -> HttpResponseBase:
    """To the issuer."""
    from access.staff.sign_in.views import Begin

    answer: HttpResponseBase = Begin.as_view()(request)
    return answer


def callback(request: HttpRequest) -> HttpResponseBase:
    """Back from the issuer."""
    from access.staff.sign_in.views import Callback

    answer: HttpResponseBase = Callback.as_view()(request)
    return answer


urlpatterns = [
    path("login/", sign_in_page, name="staff_sign_in"),
    path("oidc/sign-in", begin, name="staff_oidc_sign_in"),
    path("oidc/callback", callback, name="staff_oidc_callback"),
]
