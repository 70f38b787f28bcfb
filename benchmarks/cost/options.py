"""The ways to run the service that are compared, and what a month of each costs."""

from decimal import Decimal

from benchmarks.cost import everywhere, on_eks, on_lambda
from benchmarks.cost.bill import Line, total
from benchmarks.cost.price_list import PriceList, price_list
from benchmarks.cost.workload import Workload

LAMBDA = {
    "lambda-arm64": on_lambda.arm64,
    "lambda-arm64-http-api": on_lambda.arm64_http_api,
    "lambda-arm64-provisioned": on_lambda.arm64_provisioned,
    "lambda-x86": on_lambda.x86,
}
EKS = {
    "eks-on-demand": on_eks.on_demand,
    "eks-one-nat": on_eks.one_nat,
    "eks-no-endpoints": on_eks.no_endpoints,
    "eks-savings-plan": on_eks.savings_plan,
    "eks-spot": on_eks.spot,
    "eks-fargate": on_eks.fargate,
}
OPTIONS = LAMBDA | EKS


def own_lines(option: str, workload: Workload, prices: PriceList | None = None) -> list[Line]:
    """What this option adds to what all pay."""
    return OPTIONS[option](workload, prices or price_list())


def own_usd(option: str, workload: Workload, prices: PriceList | None = None) -> Decimal:
    """The same in US dollars a month."""
    return total(own_lines(option, workload, prices))


def shared_lines(workload: Workload, prices: PriceList | None = None) -> list[Line]:
    """What all options pay."""
    return everywhere.lines(workload, prices or price_list())


def month_usd(option: str, workload: Workload, prices: PriceList | None = None) -> Decimal:
    """The whole month in US dollars."""
    return total(shared_lines(workload, prices)) + own_usd(option, workload, prices)
