"""The cluster's ways in and out: load balancer, NAT gateways, endpoints."""

from decimal import Decimal

from benchmarks.cost.bill import GB, HOURS, Line
from benchmarks.cost.everywhere import answer_bytes
from benchmarks.cost.price_list import PriceList
from benchmarks.cost.workload import Workload

ZONES = 3
# Interface endpoints; those of DynamoDB and S3 are gateways, which cost nothing.
ENDPOINTS = 7
# A call of the model beside its text: TLS, headers, fields.
_CALL_BYTES = 2_000
# An LCU: new connections a second, open ones, GB an hour.
_LCU_NEW, _LCU_OPEN, _LCU_GB = 25, 3_000, 1


def load_balancer(workload: Workload, prices: PriceList) -> list[Line]:
    """One in each region, with an address in each zone."""
    hours = HOURS * workload.regions
    return [
        Line("load balancer", hours, prices["alb"]),
        Line("load balancer's addresses", ZONES * hours, prices["public_ipv4"]),
        Line("load balancer's LCUs", _capacity_units(workload) * HOURS, prices["alb_lcu"]),
    ]


def nat(workload: Workload, prices: PriceList) -> list[Line]:
    """NAT gateways, through which the model is called."""
    data = Line("NAT gateways' data", _model_gb(workload), prices["nat_gateway_data"])
    return [*_gateways(workload, prices, ZONES), data]


def endpoints(workload: Workload, prices: PriceList, *, gateways: int = ZONES) -> list[Line]:
    """NAT gateways for what is not AWS, and endpoints through which the model is called."""
    return [
        *_gateways(workload, prices, gateways),
        Line("endpoints", ENDPOINTS * ZONES * workload.regions * HOURS, prices["interface_endpoint"]),
        Line("endpoints' data", _model_gb(workload), prices["interface_endpoint_data"]),
    ]


def _gateways(workload: Workload, prices: PriceList, count: int) -> list[Line]:
    hours = count * workload.regions * HOURS
    return [
        Line("NAT gateways", hours, prices["nat_gateway"]),
        Line("NAT gateways' addresses", hours, prices["public_ipv4"]),
    ]


def _capacity_units(workload: Workload) -> Decimal:
    """LCUs in an average hour: the largest of new connections (one a chat), open ones, and bytes."""
    gb_an_hour = workload.chats * answer_bytes(workload) / GB / HOURS
    return max(workload.per_second / _LCU_NEW, workload.concurrent / _LCU_OPEN, gb_an_hour / _LCU_GB)


def _model_gb(workload: Workload) -> Decimal:
    text = (workload.input_tokens + workload.output_tokens) * workload.bytes_per_token
    return Decimal(workload.chats * (text + _CALL_BYTES)) / GB
