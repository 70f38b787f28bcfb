"""To the issuer and back. The way there is a link: Chromium holds a form's redirections to `form-action 'self'`."""

import datetime as dt
import re
import time
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from access.errors import AccessError, InvalidCredentials
from access.staff.sign_in.issuer import endpoints
from access.staff.sign_in.oidc_settings import OIDCSettings
from access.staff.sign_in.pages import refusal

# In which a person has to come back from the issuer.
ANSWER_SECONDS = 600
# Where the library keeps what it needs of each sign-in under way, and where to go after it.
_STATES, _NEXT = "oidc_states", "oidc_login_next"
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


class Begin(OIDCSettings, OIDCAuthenticationRequestView):  # type: ignore[misc]  # the library has no types
    """Sends the browser to the issuer, with state, nonce and PKCE's challenge."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        try:
            address, _, self.query = endpoints().authorization.partition("?")
        except AccessError as error:
            return refusal(request, error)
        self.OIDC_OP_AUTH_ENDPOINT = address
        answer: HttpResponseBase = super().get(request)
        return answer

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:  # noqa: ARG002  # the library's signature
        """What the issuer has in its own address is kept: RFC 6749 3.1."""
        return dict(parse_qsl(self.query))


class Callback(OIDCSettings, OIDCAuthenticationCallbackView):  # type: ignore[misc]  # the library has no types
    """Takes the issuer's answer from the browser that was sent there, once."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        try:
            _check_expected(request)
            answer: HttpResponseBase = super().get(request)
        except AccessError as error:
            return refusal(request, error)
        return answer

    def login_success(self) -> HttpResponse:
        """A session that ends after SESSION_COOKIE_AGE however much it is used: then the issuer is asked anew."""
        following = self.request.session.get(_NEXT) or reverse("admin:index")
        auth.login(self.request, self.user)
        self.request.session.pop(_NEXT, None)
        self.request.session.set_expiry(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE))
        return HttpResponseRedirect(following)

    def login_failure(self) -> HttpResponse:
        """The issuer says no, or nothing that can be understood."""
        code = self.request.GET.get("error", "")
        said = code if _ERROR_CODE.fullmatch(code) else "neither a code nor a known error"
        return refusal(self.request, InvalidCredentials(f"the issuer answered: {said}"))


def _check_expected(request: HttpRequest) -> None:
    """This browser asked, lately, and asked this issuer (RFC 9207). Raises AccessError.

    Said before the library's turn, which would sign the present user out at anybody's wish.
    """
    state = request.session.get(_STATES, {}).get(request.GET.get("state"))
    if state is None:
        raise InvalidCredentials("this browser expects no such answer")
    if time.time() - state["added_on"] > ANSWER_SECONDS:
        raise InvalidCredentials("the answer comes too late")
    named = request.GET.get("iss")
    if named != settings.STAFF_OIDC_ISSUER and (named is not None or endpoints().answers_name_issuer):
        raise InvalidCredentials("the answer is of another issuer")
