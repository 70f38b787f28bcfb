"""What Linux says about a process: the processor time it used, the memory it holds, its children.

https://man7.org/linux/man-pages/man5/proc.5.html
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat behind the name in parentheses, which may itself hold blanks: utime and stime.
_USER, _SYSTEM = 11, 12


# Fields of the first line of /proc/stat: user, nice, system, then idle and iowait, then irq, softirq, steal.
_IDLE = (3, 4)
_BUSY_AND_IDLE = 8


@dataclass(frozen=True)
class Memory:
    """MiB. `pss` counts a page that several processes share in equal parts, so it can be summed."""

    rss: float
    pss: float


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of the processes since they began, in steps of a tick (10 ms on most machines)."""
    return sum(_ticks(pid) for pid in pids) / _TICKS_PER_SECOND


def machine_seconds() -> float:
    """What all processors together were busy with since the machine began, time stolen by its host included."""
    fields = (PROC / "stat").read_text().split("\n", 1)[0].split()[1 : 1 + _BUSY_AND_IDLE]
    return sum(int(ticks) for place, ticks in enumerate(fields) if place not in _IDLE) / _TICKS_PER_SECOND


def memory(pid: int) -> Memory:
    """What the process holds now."""
    lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name: int(value.split()[0]) for name, value in (line.split(":", 1) for line in lines)}
    return Memory(rss=kilobytes["Rss"] / 1024, pss=kilobytes["Pss"] / 1024)


def children(pid: int) -> list[int]:
    """The processes that the main thread of this one started."""
    return [int(child) for child in (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]


def _ticks(pid: int) -> int:
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return int(fields[_USER]) + int(fields[_SYSTEM])
