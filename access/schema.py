"""How the OpenAPI document describes credentials."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class CallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular registers it untyped
    """Bearer credentials, as `CallerAuthentication` asks for them."""

    target_class = "access.authentication.CallerAuthentication"
    name = "caller"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:  # noqa: ARG002  # the base class's
        return {"type": "http", "scheme": "bearer"}
