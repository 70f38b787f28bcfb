"""What a caller may do."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from access.callers import Caller

if TYPE_CHECKING:  # DRF's views import this module while they are being imported themselves
    from rest_framework.views import APIView


class IsCaller(BasePermission):
    """Lets known callers in, and nobody else."""

    def has_permission(self, request: Request, view: "APIView") -> bool:  # noqa: ARG002  # the base class's signature
        return isinstance(request.user, Caller)
