"""From a request to its caller.

No kind of credentials is accepted yet, so the only caller is the anonymous one, and only where ALLOW_ANONYMOUS says so.
Everything else is refused: a deployment that was not configured lets nobody in.
"""

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from access.callers import ANONYMOUS, Caller


class CallerAuthentication(BaseAuthentication):
    """Gives each request its `Caller`; a request without one is answered 401."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:  # noqa: ARG002  # the base class's signature
        return (ANONYMOUS, None) if settings.ALLOW_ANONYMOUS else None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  # the base class's signature
        return "Bearer"
