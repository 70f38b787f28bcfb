"""Django's authentication backend of people who signed in at the issuer."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from access.staff.sign_in.accounts import sign_in
from access.staff.sign_in.id_token import read_id_token
from access.staff.sign_in.oidc_settings import OIDCSettings
from access.staff.sign_in.person import person_of
from access.staff.sign_in.token_endpoint import redeem


class IssuerBackend(OIDCSettings, OIDCAuthenticationBackend):  # type: ignore[misc]  # the library has no types
    """The library's steps with our own rules; it verifies neither issuer nor audience, and finds accounts by address.

    What goes wrong is raised and not PermissionDenied: Django would report that as a failed sign-in, and django-axes
    would count it against everybody at the same address.
    """

    def authenticate(self, request: HttpRequest, *, nonce: str, code_verifier: str) -> User | None:
        """The user whom the answer in this request's query is about; None where there is no answer in it.

        The arguments are those of the callback alone, so that Django passes by this backend when a password comes.
        Raises AccessError.
        """
        user: User | None = super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        return user

    def get_token(self, payload: Mapping[str, str]) -> dict[str, Any]:
        return redeem(payload)

    def verify_token(self, token: object, **expected: str) -> dict[str, Any]:
        return read_id_token(token, nonce=expected["nonce"])

    def get_or_create_user(self, access_token: object, id_token: object, payload: Mapping[str, Any]) -> User:  # noqa: ARG002  # the library's signature
        return sign_in(person_of(payload))

    def get_user(self, user_id: int) -> User | None:
        """As Django has it: a session ends when its account is switched off, which the library does not look at."""
        user: User | None = ModelBackend.get_user(self, user_id)
        return user
