"""What a caller may do: every view says which scope each of its methods takes, in its attribute `scopes`.

    class HistoryView(APIView):
        scopes = {"get": Scope.HISTORY_READ, "delete": Scope.HISTORY_DELETE}

A method that declares none is refused to everybody, and `route_checks.py` says so before the first request.
"""

from typing import TYPE_CHECKING

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from access.callers import Caller
from access.scopes import Scope

if TYPE_CHECKING:  # DRF's views import this module while they are being imported themselves
    from rest_framework.views import APIView


class MissingScope(PermissionDenied):
    """The caller is known and may not do this. The challenge names the scope (RFC 6750, 3.1)."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.auth_header = f'Bearer error="insufficient_scope", scope="{scope}"'


class HasScope(BasePermission):
    """Lets callers in whose scopes contain the one that the view asks for.

    Nobody without credentials. A method that the view does not have is left to the view, which answers 405.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.user, Caller):
            return False
        method = str(request.method).lower()
        if method not in handled_methods(type(view)):
            return True
        scope = scope_of(type(view), method)
        if scope is not None and scope not in request.user.scopes:
            raise MissingScope(scope)
        return scope is not None


def scope_of(view: "type[APIView]", method: str) -> Scope | None:
    """The scope that this method, in lower case, takes; None where none is declared. HEAD is a GET without its body."""
    declared: dict[str, Scope] = getattr(view, "scopes", {})
    return declared.get("get" if method == "head" else method)


def handled_methods(view: "type[APIView]") -> set[str]:
    """The methods, in lower case, that the view answers. HEAD is answered by whatever answers GET."""
    allowed = set(view.http_method_names)
    handled = {method for method in allowed if hasattr(view, method)}
    return handled | ({"head"} & allowed if "get" in handled else set())
