"""What a server's processes hold, as Linux counts it.

https://man7.org/linux/man-pages/man5/proc.5.html
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import PROC, memory

_THREADS = re.compile(r"^Threads:\s+(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Held:
    """Of all processes together. `rss` in MiB; `files` are open descriptors that are no sockets, pipes among them."""

    rss: float
    threads: int
    sockets: int
    files: int

    @property
    def counts(self) -> dict[str, int]:
        """What comes back to the same number whenever nothing is under way."""
        return {"threads": self.threads, "sockets": self.sockets, "files": self.files}


def held(pids: Iterable[int]) -> Held:
    """What they hold now."""
    pids = list(pids)
    targets = [target for pid in pids for target in _descriptors(pid)]
    sockets = sum(target.startswith("socket:") for target in targets)
    return Held(
        rss=sum(memory(pid).rss for pid in pids),
        threads=sum(_threads(pid) for pid in pids),
        sockets=sockets,
        files=len(targets) - sockets,
    )


def _threads(pid: int) -> int:
    match = _THREADS.search((PROC / str(pid) / "status").read_text())
    assert match  # noqa: S101  # Linux says it of every process
    return int(match[1])


def _descriptors(pid: int) -> list[str]:
    return [target for entry in (PROC / str(pid) / "fd").iterdir() if (target := _target(entry))]


def _target(entry: Path) -> str:
    """What a descriptor stands for; empty when it was closed meanwhile."""
    try:
        return str(entry.readlink())
    except FileNotFoundError:
        return ""
