"""Who calls the models of a region: `QuickRuntime` wherever it can, else the SDK."""

from typing import Any

from core.quick_calls import quick_calls

from .operations import Runtime
from .quick_runtime import QuickRuntime
from .sdk_runtime import SDKRuntime


def make_runtime(client: Any) -> Runtime:  # noqa: ANN401  # botocore makes the client's class at run time
    """For the region and with the configuration of this client."""
    calls = quick_calls(client)
    return QuickRuntime(calls) if calls else SDKRuntime(client)
