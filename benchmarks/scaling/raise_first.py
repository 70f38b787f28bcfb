"""What a service carries as it is deployed by default, bound by bound, and what raises each of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.cost import turn_items
from benchmarks.scaling import deployed
from benchmarks.scaling.compute import function_seconds, pod_capacity
from benchmarks.scaling.figures import figures
from benchmarks.scaling.limits import limits
from benchmarks.scaling.load import Load
from benchmarks.scaling.quota import chats_a_second, demand
from benchmarks.scaling.turn_units import (
    ACTIVITY_INDEX,
    CONVERSATIONS,
    DAY_INDEX,
    OWNER_INDEX,
    USAGE,
    account_rate,
    turn_units,
)

# A share of commits that meet another one in the ledger, from which on it is worth looking.
MEETING = 0.1


@dataclass(frozen=True, slots=True)
class Bound:
    """Chats a second of the whole service at which a bound is reached, and what raises it."""

    what: str
    carries: float
    raised_by: str


def bounds(load: Load) -> list[Bound]:
    """All of them, the lowest first."""
    found = [*_model(load), *_compute(load), *_tables(load), *_largest_owner(load)]
    return sorted(found, key=lambda bound: bound.carries)


def _model(load: Load) -> Iterator[Bound]:
    tokens = limits().tokens_a_minute(load.workload.model_id)
    yield Bound("Bedrock: tokens of one region", chats_a_second(tokens, demand(load)), "quota, BEDROCK_REGIONS")


def _compute(load: Load) -> Iterator[Bound]:
    pod = deployed.Pod()
    capacity = pod_capacity(pod, load, figures())
    yield Bound("EKS: pods at the autoscaler's target", pod.most_pods * capacity.at_autoscaler, "maxReplicas")
    yield Bound("EKS: pods before requests queue", pod.most_pods * capacity.carries, "maxReplicas, node_max_size")
    targets = limits()["load_balancer_targets"]
    yield Bound("ALB: targets, as such pods", targets * capacity.carries, "quota, cpu of a pod")
    mb_a_vcpu = limits()["mb_a_vcpu"]
    seconds = function_seconds(load, figures(), mb=deployed.FUNCTION_MB, mb_a_vcpu=mb_a_vcpu)
    yield Bound("Lambda: functions at once", limits()["function_concurrency"] / seconds, "quota of concurrency")


def _tables(load: Load) -> Iterator[Bound]:
    units = {name: float(value) for name, value in turn_units(load.workload).items()}
    largest = max(units[CONVERSATIONS], units[OWNER_INDEX], units[ACTIVITY_INDEX])
    partition = limits()["partition_writes"]
    yield Bound("DynamoDB: most_requests", deployed.CONVERSATIONS_WRITES / largest, "most_requests.conversations")
    ledger = max(units[USAGE], units[DAY_INDEX])
    reads = float(turn_items.read_units(load.workload))
    yield Bound("DynamoDB: most_requests, reads", deployed.CONVERSATIONS_READS / reads, "most_requests.conversations")
    yield Bound("DynamoDB: most_requests, ledger", deployed.USAGE_WRITES / ledger, "most_requests.usage")
    yield Bound("DynamoDB: a new table, at once", limits()["new_table_writes"] / largest, "warm throughput")
    yield Bound("DynamoDB: quota of a table", limits()["table_writes"] / largest, "quota of a table")
    activity = deployed.ACTIVITY_SHARDS * partition / units[ACTIVITY_INDEX]
    yield Bound("ActivityIndex: shards, spread evenly", activity, "ACTIVITY_SHARDS")
    yield Bound("DayIndex: shards, spread evenly", deployed.USAGE_SHARDS * partition / units[DAY_INDEX], "USAGE_SHARDS")


def _largest_owner(load: Load) -> Iterator[Bound]:
    """Bounds of one owner, as chats of the whole service, of which that owner makes its share."""
    share, partition = load.largest_owner, limits()["partition_writes"]
    units = float(turn_units(load.workload)[OWNER_INDEX])
    yield Bound("largest owner: OwnerIndex", partition / units / share, "several owners")
    account = account_rate(seconds=load.seconds, partition_writes=partition, most_live=deployed.MOST_LIVE)
    yield Bound("largest owner: account of its budget", account / share, "budgets of keys, several owners")
    meeting = MEETING * deployed.USAGE_SHARDS / (load.transaction_ms / 1000)
    yield Bound("largest owner: one commit in ten waits", meeting / share, "USAGE_SHARDS, several owners")
