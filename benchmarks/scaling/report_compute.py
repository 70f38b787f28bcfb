"""The reports on pods, functions and the load balancer."""

from math import ceil

from benchmarks.scaling import deployed
from benchmarks.scaling.asked import Asked
from benchmarks.scaling.compute import chat_cpu_ms, function_seconds, pod_capacity
from benchmarks.scaling.figures import figures
from benchmarks.scaling.limits import limits
from benchmarks.scaling.load import Load
from benchmarks.scaling.load_balancer import capacity_units
from benchmarks.scaling.plain_table import percent, plain_table, shown

# Lambda's function_starts are those of so many seconds.
_START_SECONDS = 10


def compute(asked: Asked) -> str:
    """One pod, bound by bound, one function, and how many of each are needed."""
    load, pod = asked.load, deployed.Pod()
    capacity = pod_capacity(pod, load, figures())
    seconds = _function_seconds(load)
    concurrency, starts = limits()["function_concurrency"], limits()["function_starts"]
    one = [
        ["CPU of a chat, ms", shown(chat_cpu_ms(load, figures()))],
        ["one pod, all of its CPU limit", shown(capacity.at_cpu_limit)],
        ["one pod, before requests queue", shown(capacity.at_busy)],
        ["one pod, at the autoscaler's target", shown(capacity.at_autoscaler)],
        ["one pod, its connections", shown(capacity.at_connections)],
        ["workers' memory, of the pod's limit", percent(capacity.memory_of_limit)],
        ["workers' memory, of the autoscaler's target", percent(capacity.memory_of_target)],
        ["one function", shown(1 / seconds)],
        [f"{concurrency:,} functions", shown(concurrency / seconds)],
    ]
    many = [
        [
            f"{rate:,}",
            shown(rate * load.seconds),
            f"{ceil(rate / capacity.carries):,}",
            f"{ceil(rate / capacity.at_autoscaler):,}",
            f"{ceil(rate * seconds):,}",
            shown(_START_SECONDS * rate * seconds / starts),
        ]
        for rate in asked.rates
    ]
    head = ["chats/s", "turns at once", "pods", "autoscaler's", "functions", "s to start them"]
    return f"{plain_table(['', 'chats/s'], one)}\n\n{plain_table(head, many)}"


def load_balancer(asked: Asked) -> str:
    """LCUs by what is counted."""
    rows = []
    for rate in asked.rates:
        units = capacity_units(rate, asked.load, limits())
        counted = (units.new_connections, units.open_connections, units.traffic, units.needed)
        rows.append([f"{rate:,}", *map(shown, counted)])
    return plain_table(["chats/s", "new connections", "open connections", "traffic", "LCUs"], rows)


def _function_seconds(load: Load) -> float:
    return function_seconds(load, figures(), mb=deployed.FUNCTION_MB, mb_a_vcpu=limits()["mb_a_vcpu"])
