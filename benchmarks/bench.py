"""One run: start everything, go through the rounds, collect the rows."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.children import Child
from benchmarks.plain.server import PlainServer
from benchmarks.processes import Memory
from benchmarks.rounds import Bench
from benchmarks.rows import Row
from benchmarks.server import Server
from benchmarks.startup import Startup, start_up


@dataclass
class Run:
    """What a run found; `memory` is that of all workers at its end."""

    rows: list[Row]
    startup: Startup
    memory: list[Memory]

    @property
    def rounds(self) -> int:
        """How many there were."""
        return max(len(row.server) for row in self.rows)

    @property
    def failures(self) -> list[str]:
        """What was not answered as it should be."""
        return [f"{row.case.title}, {row.case.callers}: {what}" for row in self.rows for what in row.failures]


@dataclass(frozen=True)
class Setting:
    """How a run is made. `plain` is the Python of the peers' environment; without one nothing is compared with it.

    Rounds that would most likely end after `budget_seconds` are not begun, but for the first.
    """

    rounds: int
    budget_seconds: float
    worker_class: str
    plain: str | None
    grow: bool


def run(cases: list[Case], setting: Setting, *, folder: Path) -> Run:
    """Measures new processes, then all cases, in each round floor and servers by turns. Raises Failed."""
    began = time.perf_counter()
    with Child("benchmarks.upstream") as upstream:
        port = int(upstream.read())
        startup = start_up(upstream_port=port, worker_class=setting.worker_class, folder=folder, grow=setting.grow)
        with _started(cases, setting, upstream, port, folder) as bench:
            rows = bench.rows(cases, setting.rounds, began + setting.budget_seconds)
            return Run(rows, startup, bench.memory())


@contextmanager
def _started(cases: list[Case], setting: Setting, upstream: Child, port: int, folder: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        floor, load = (stack.enter_context(Child(f"benchmarks.{name}")) for name in ("floor", "load"))
        servers = {
            workers: stack.enter_context(
                Server(
                    upstream_port=port,
                    workers=workers,
                    worker_class=setting.worker_class,
                    folder=folder / f"server-{workers}",
                )
            )
            for workers in sorted({case.workers for case in cases})
        }
        plain = {
            workers: stack.enter_context(
                PlainServer(
                    python=setting.plain, upstream_port=port, workers=workers, folder=folder / f"plain-{workers}"
                )
            )
            for workers in sorted({case.workers for case in cases if case.plain})
            if setting.plain
        }
        yield Bench(upstream, port, floor, load, servers, plain)
