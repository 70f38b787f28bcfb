"""What browsers are told about every answer, and which middleware belongs to the staff plane alone."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.utils.deprecation import MiddlewareMixin

STAFF_PATHS = "/admin/"
HEALTH_PATHS = ("/health", "/health/ready")

# Styles that ReDoc puts into its page: an empty one, which it fills rule by rule, and its search field's.
REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)
# Of pages: scripts and styles come as files of this host, and nothing inline runs. ReDoc searches in a worker made of a
# blob; its logo, for which it would ask another host, is not loaded.
PAGE_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {' '.join(REDOC_STYLES)}; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of everything else: an answer of the API that a browser is led to open may load and run nothing.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


class SecurityHeadersMiddleware:
    """Content-Security-Policy, Permissions-Policy and Cache-Control; Django's SecurityMiddleware sets the others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        # Conversations are nobody's to keep on the way; static files bring a header of their own.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class HostMiddleware(CommonMiddleware):
    """Refuses hosts outside ALLOWED_HOSTS everywhere but on /health: load balancers and the kubelet ask by address."""

    def process_request(self, request: HttpRequest) -> Any:  # noqa: ANN401  # None or a redirect, as Django has it
        return None if request.path_info in HEALTH_PATHS else super().process_request(request)


class _StaffPlane(MiddlewareMixin):
    """A middleware that the chat plane passes by: it has no sessions, and never opens the relational database."""

    def __call__(self, request: HttpRequest) -> Any:  # noqa: ANN401  # as Django has it
        is_staff_plane = request.path_info.startswith(STAFF_PATHS)
        return super().__call__(request) if is_staff_plane else self.get_response(request)


class StaffSessionMiddleware(_StaffPlane, SessionMiddleware):
    """Sessions of staff."""


class StaffAuthenticationMiddleware(_StaffPlane, AuthenticationMiddleware):
    """Staff accounts."""


class StaffMessageMiddleware(_StaffPlane, MessageMiddleware):
    """What staff are told after an action."""
