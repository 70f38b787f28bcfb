"""What an Application Load Balancer counts of chats: LCUs, of which it adds more by itself as traffic grows.

The rules of deployment/kubernetes are fewer than the ten that are free of charge, so that no evaluation is counted.
"""

from dataclasses import dataclass

from benchmarks.cost.everywhere import answer_bytes
from benchmarks.scaling.limits import Limits
from benchmarks.scaling.load import Load

# Line, headers and fields of a question beside its text: an assumption.
QUESTION_BYTES = 1_000
_GB = 10**9


@dataclass(frozen=True, slots=True)
class CapacityUnits:
    """LCUs by what is counted; the largest is what is billed and has to be there."""

    new_connections: float
    open_connections: float
    traffic: float

    @property
    def needed(self) -> float:
        return max(self.new_connections, self.open_connections, self.traffic)


def capacity_units(rate: float, load: Load, limits: Limits) -> CapacityUnits:
    """At so many chats a second, each on a connection of its own that is open from question to answer."""
    question = QUESTION_BYTES + load.workload.question_tokens * load.workload.bytes_per_token
    an_hour = rate * 3600 * (question + float(answer_bytes(load.workload))) / _GB
    return CapacityUnits(
        new_connections=rate / limits["lcu_new_connections"],
        open_connections=rate * load.seconds / limits["lcu_open_connections"],
        traffic=an_hour / limits["lcu_gb_an_hour"],
    )
