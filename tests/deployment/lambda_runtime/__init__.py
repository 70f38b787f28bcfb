"""Lambda without Lambda: the Runtime API, and the function's own entry point as a process that asks it for events."""

from .function import FunctionProcess
from .runtime_api import Failed, RuntimeAPI

__all__ = ["Failed", "FunctionProcess", "RuntimeAPI"]
