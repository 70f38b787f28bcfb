"""What the cluster adds to the bill: a whole one in every region, with the database of staff and the shared limits.

Sizes are the defaults of deployment/terraform/app-eks; a test compares them.
"""

from decimal import Decimal
from math import ceil

from benchmarks.cost import network, telling
from benchmarks.cost.bill import HOURS, Line
from benchmarks.cost.price_list import PriceList
from benchmarks.cost.workload import Workload

ZONES = network.ZONES
NODE_DISK_GB = 30
DATABASE_GB = 20
VALKEY_NODES = 2
# Nodes and pods: one in each zone at least, more when the busiest hours need more than the autoscaler's 70 %.
_NODE_CORES = Decimal(2)
_TARGET = Decimal("0.7")
# deployment/kubernetes/components/fargate; on Fargate alone, CoreDNS (2) and the load balancer controller (2) are paid
# for too.
_POD_CORES, _POD_GB = Decimal("0.5"), 1
_SYSTEM_PODS, _SYSTEM_CORES, _SYSTEM_GB = 4, Decimal("0.25"), Decimal("0.5")


def on_demand(workload: Workload, prices: PriceList) -> list[Line]:
    """t3.medium nodes, a NAT gateway and the interface endpoints in each zone."""
    return [*_fixed(workload, prices), *_nodes(workload, prices, "t3_medium"), *network.endpoints(workload, prices)]


def one_nat(workload: Workload, prices: PriceList) -> list[Line]:
    """The same, one NAT gateway for all zones (`single_nat_gateway`)."""
    ways_out = network.endpoints(workload, prices, gateways=1)
    return [*_fixed(workload, prices), *_nodes(workload, prices, "t3_medium"), *ways_out]


def no_endpoints(workload: Workload, prices: PriceList) -> list[Line]:
    """The same, calls of AWS through the NAT gateways (`interface_endpoints = false`)."""
    return [*_fixed(workload, prices), *_nodes(workload, prices, "t3_medium"), *network.nat(workload, prices)]


def savings_plan(workload: Workload, prices: PriceList) -> list[Line]:
    """The nodes under a Compute Savings Plan of one year."""
    nodes = _nodes(workload, prices, "t3_medium_savings_plan")
    return [*_fixed(workload, prices), *nodes, *network.endpoints(workload, prices)]


def spot(workload: Workload, prices: PriceList) -> list[Line]:
    """All nodes Spot: a bound, for the stack keeps some on demand."""
    nodes = _nodes(workload, prices, "t3_medium_spot")
    return [*_fixed(workload, prices), *nodes, *network.endpoints(workload, prices)]


def fargate(workload: Workload, prices: PriceList) -> list[Line]:
    """No nodes: every pod is paid for."""
    pods = _needed(workload, _POD_CORES)
    system = _SYSTEM_PODS * workload.regions
    cores = (pods * _POD_CORES + system * _SYSTEM_CORES) * HOURS
    memory = (pods * _POD_GB + system * _SYSTEM_GB) * HOURS
    compute = [
        Line("Fargate vCPU", cores, prices["fargate_vcpu"]),
        Line("Fargate memory", memory, prices["fargate_memory"]),
    ]
    return [*_fixed(workload, prices), *compute, *network.endpoints(workload, prices)]


def _fixed(workload: Workload, prices: PriceList) -> list[Line]:
    hours = HOURS * workload.regions
    return [
        Line("control plane", hours, prices["eks_cluster"]),
        *network.load_balancer(workload, prices),
        Line("PostgreSQL", hours, prices["rds_t4g_small_multi_az"]),
        Line("PostgreSQL's storage", Decimal(DATABASE_GB * workload.regions), prices["rds_gp3_multi_az"]),
        Line("Valkey", VALKEY_NODES * hours, prices["valkey_t4g_small"]),
        *telling.of_cluster(workload, prices),
    ]


def _nodes(workload: Workload, prices: PriceList, price: str) -> list[Line]:
    nodes = _needed(workload, _NODE_CORES)
    return [
        Line("nodes", nodes * HOURS, prices[price]),
        Line("nodes' disks", Decimal(nodes * NODE_DISK_GB), prices["ebs_gp3"]),
    ]


def _needed(workload: Workload, cores: Decimal) -> int:
    """Nodes or pods of so many cores, in all regions."""
    busy = workload.busy_cores / workload.regions / (cores * _TARGET)
    return workload.regions * max(ZONES, ceil(busy))
