"""What the function adds to the bill. It is billed while it waits for the model, one chat at a time in each copy."""

from decimal import Decimal

from benchmarks.cost import telling
from benchmarks.cost.bill import SECONDS, Line
from benchmarks.cost.price_list import PriceList
from benchmarks.cost.workload import Workload


def arm64(workload: Workload, prices: PriceList) -> list[Line]:
    """Function URL, which costs nothing of its own."""
    duration = Line("duration", _gb_seconds(workload), prices["lambda_arm64"])
    return [_requests(workload, prices), duration, *telling.of_function(workload, prices)]


def x86(workload: Workload, prices: PriceList) -> list[Line]:
    """The same on x86."""
    duration = Line("duration", _gb_seconds(workload), prices["lambda_x86"])
    return [_requests(workload, prices), duration, *telling.of_function(workload, prices)]


def arm64_http_api(workload: Workload, prices: PriceList) -> list[Line]:
    """Behind an API Gateway HTTP API."""
    gateway = Line("HTTP API", Decimal(workload.chats), prices["http_api_request"])
    return [*arm64(workload, prices), gateway]


def arm64_provisioned(workload: Workload, prices: PriceList) -> list[Line]:
    """With copies that are always warm; chats that find all of them busy run on demand.

    Even load is assumed: with peaks, more runs on demand and more of the warm time is idle.
    """
    memory = Decimal(workload.memory_mb) / 1024
    kept = workload.provisioned * workload.regions * memory * SECONDS
    used = _gb_seconds(workload)
    warm = min(used, kept)
    return [
        _requests(workload, prices),
        Line("provisioned concurrency", kept, prices["lambda_arm64_provisioned"]),
        Line("duration, provisioned", warm, prices["lambda_arm64_provisioned_duration"]),
        Line("duration, on demand", used - warm, prices["lambda_arm64"]),
        *telling.of_function(workload, prices),
    ]


def _requests(workload: Workload, prices: PriceList) -> Line:
    return Line("requests", Decimal(workload.chats), prices["lambda_request"])


def _gb_seconds(workload: Workload) -> Decimal:
    return Decimal(workload.chats) * workload.duration_ms / 1000 * workload.memory_mb / 1024
