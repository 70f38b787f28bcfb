"""From how many chats a month on EKS costs no more than Lambda: found by trying, because nodes come in whole ones."""

from dataclasses import replace

from benchmarks.cost.options import own_usd
from benchmarks.cost.workload import MOST_CHATS, Workload


def break_even(eks: str, function: str, workload: Workload) -> int | None:
    """Chats a month at which `eks` costs no more than `function`, while with one chat less it costs more.

    None where that is not so up to the most chats the calculator takes; 0 where it is never dearer at all.
    """
    if _is_cheaper(eks, function, workload, 0):
        return 0
    dearer, cheaper = 0, 1
    while not _is_cheaper(eks, function, workload, cheaper):
        if cheaper == MOST_CHATS:
            return None
        dearer, cheaper = cheaper, min(2 * cheaper, MOST_CHATS)
    while cheaper - dearer > 1:
        middle = (dearer + cheaper) // 2
        if _is_cheaper(eks, function, workload, middle):
            cheaper = middle
        else:
            dearer = middle
    return cheaper


def _is_cheaper(eks: str, function: str, workload: Workload, chats: int) -> bool:
    at = replace(workload, chats=chats)
    return own_usd(eks, at) <= own_usd(function, at)
