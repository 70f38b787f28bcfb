"""What the OpenAPI document says of credentials: how they are sent, and the scope that each route takes."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from access.permissions import scope_of


class CallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular registers it untyped
    """One or the other header, as `CallerAuthentication` takes them."""

    target_class = "access.authentication.CallerAuthentication"
    name = ["bearer", "apiKey"]  # noqa: RUF012  # the base class's type is a list

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:  # noqa: ARG002  # the base class's
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:  # noqa: ARG002  # the base class's
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key (`cb_…`), or a token of the OIDC issuer that the service is set up with.",
            },
            {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key (`cb_…`)."},
        ]


class ScopedSchema(AutoSchema):
    """Names the scope in each operation's description, where the view declares one."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:  # noqa: ANN401  # the base class's
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        scope = scope_of(type(self.view), self.method.lower())
        if operation and scope:
            told = operation.get("description", "")
            operation["description"] = f"{told}\n\nTakes the scope `{scope}`.".lstrip()
        return operation
