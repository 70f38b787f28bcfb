"""What would make the month cheaper, in dollars: the same workload with one thing changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from benchmarks.cost.bill import total
from benchmarks.cost.options import month_usd, own_usd, shared_lines
from benchmarks.cost.workload import Workload

_MICRO = "us.amazon.nova-micro-v1:0"
_SMALLEST_MB = 512


@dataclass(frozen=True, slots=True)
class Advice:
    """A change, what it saves in US dollars a month, and what to look at before."""

    change: str
    saves: Decimal
    mind: str


def advice(workload: Workload) -> list[Advice]:
    """What saves something, the most first."""
    return sorted((found for found in _all(workload) if found.saves > 0), key=lambda found: -found.saves)


def _all(workload: Workload) -> Iterator[Advice]:
    yield _option("lambda-x86", "lambda-arm64", workload, "the image must be built for arm64")
    yield _option("eks-on-demand", "eks-spot", workload, "nodes go with two minutes' notice: keep some on demand")
    yield _option("eks-on-demand", "eks-savings-plan", workload, "paid for a year, used or not")
    yield _option("eks-on-demand", "eks-one-nat", workload, "when its zone is lost, no zone has a way out")
    yield _option("eks-on-demand", "eks-no-endpoints", workload, "calls of AWS then leave through the NAT gateways")
    if workload.memory_mb > _SMALLEST_MB:
        smaller = replace(workload, memory_mb=_SMALLEST_MB)
        saves = month_usd("lambda-arm64", workload) - month_usd("lambda-arm64", smaller)
        mind = "measure duration and memory first: less memory is less CPU"
        yield Advice(f"lambda-arm64: {_SMALLEST_MB} MB, not {workload.memory_mb}", saves, mind)
    if workload.model_id != _MICRO:
        micro = replace(workload, model_id=_MICRO)
        yield _shared(f"{_MICRO} for all chats", workload, micro, "text only; compare its answers with yours")
    earlier = workload.input_tokens - workload.question_tokens
    if earlier > workload.cached_tokens:
        cached = replace(workload, cached_tokens=earlier)
        mind = "the most it could be: this release sets no cache points, and writing the cache is not counted"
        yield _shared("prompt caching of all but the question", workload, cached, mind)


def _option(now: str, then: str, workload: Workload, mind: str) -> Advice:
    return Advice(f"{then}, not {now}", own_usd(now, workload) - own_usd(then, workload), mind)


def _shared(change: str, workload: Workload, then: Workload, mind: str) -> Advice:
    return Advice(change, total(shared_lines(workload)) - total(shared_lines(then)), mind)
