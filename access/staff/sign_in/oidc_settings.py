"""What mozilla-django-oidc finds where it looks for its settings.

Its own names, OIDC_…, are those of the API's tokens here, and its endpoints are fixed ones; ours are discovered.
"""

from typing import Any

from django.conf import settings


class OIDCSettings:
    """Stands before a class of the library's."""

    @staticmethod
    def get_settings(name: str, *default: Any) -> Any:  # noqa: ANN401  # as the library has it
        """The value of this name; without one the default, or None."""
        return {
            "OIDC_RP_CLIENT_ID": settings.STAFF_OIDC_CLIENT_ID,
            "OIDC_RP_CLIENT_SECRET": settings.STAFF_OIDC_CLIENT_SECRET,
            "OIDC_RP_SCOPES": " ".join(settings.STAFF_OIDC_SCOPES),
            "OIDC_USE_PKCE": True,
            "OIDC_AUTHENTICATION_CALLBACK_URL": "staff_oidc_callback",
        }.get(name, *default)
