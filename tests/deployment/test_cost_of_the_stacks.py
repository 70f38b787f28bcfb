"""The calculator of benchmarks/cost reckons with what the stacks make by default."""

import re

import pytest
from django.conf import settings

from benchmarks.cost import network, on_eks
from benchmarks.cost.price_list import price_list
from benchmarks.cost.workload import Workload

STACKS = settings.BASE_DIR / "deployment" / "terraform"


def default(stack: str, variable: str) -> str:
    """A variable's default as it is written."""
    text = (STACKS / stack / "variables.tf").read_text()
    found = re.search(rf'^variable "{variable}" {{\n(?:  .*\n|\n)*?  default +=(.*)$', text, flags=re.MULTILINE)
    assert found, variable
    return found[1].strip()


@pytest.mark.parametrize(
    ("variable", "reckoned"),
    [
        ("node_min_size", str(on_eks.ZONES)),
        ("node_instance_types", '["t3.medium"]'),
        ("node_disk_gib", str(on_eks.NODE_DISK_GB)),
        ("database_instance_class", '"db.t4g.small"'),
        ("database_multi_az", "true"),
        ("cache_node_type", '"cache.t4g.small"'),
        ("cache_nodes", str(on_eks.VALKEY_NODES)),
        ("single_nat_gateway", "false"),
        ("interface_endpoints", "true"),
        ("log_retention_days", str(Workload().log_days)),
    ],
)
def test_the_cluster_is_the_one_that_is_reckoned_with(variable: str, reckoned: str) -> None:
    assert default("app-eks", variable) == reckoned


def test_the_function_is_the_one_that_is_reckoned_with() -> None:
    assert default("app-lambda", "memory_mb") == str(Workload().memory_mb)
    assert default("app-lambda", "architecture") == '"arm64"'
    assert default("app-lambda", "log_retention_days") == str(Workload().log_days)


def test_endpoints_and_the_database_are_as_many_and_as_large() -> None:
    (services,) = re.findall(
        r"interface_services = \[(.*)\]", (STACKS / "app-eks" / "endpoints.tf").read_text(), flags=re.MULTILINE
    )
    assert len(services.split(",")) == network.ENDPOINTS
    (size,) = re.findall(r"\ballocated_storage +=(.*)", (STACKS / "app-eks" / "database.tf").read_text())
    assert int(size) == on_eks.DATABASE_GB
    assert {"t3_medium", "rds_t4g_small_multi_az", "valkey_t4g_small"} <= set(price_list().prices)
