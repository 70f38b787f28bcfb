"""One run: start everything, go through the rounds, collect the rows."""

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.asking import request
from benchmarks.cases import Case
from benchmarks.children import Child, Failed
from benchmarks.measurement import Measurement
from benchmarks.processes import Memory, memory
from benchmarks.server import Server
from benchmarks.table import Row
from benchmarks.words import QUESTION


@dataclass
class Run:
    """What a run found. `first_chat` is seconds from the server's start."""

    rows: list[Row]
    first_chat: float
    memory: list[Memory]

    @property
    def rounds(self) -> int:
        """How many there were."""
        return max(len(row.server) for row in self.rows)

    @property
    def failures(self) -> list[str]:
        """What was not answered as it should be."""
        seen = [(row.case, round_) for row in self.rows for round_ in (*row.server, *row.floor)]
        return [f"{case.title}, {case.callers}: {what}" for case, round_ in seen for what in round_.failures]


def run(cases: list[Case], *, rounds: int, budget_seconds: float, workers: int, worker_class: str, folder: Path) -> Run:
    """Measures all cases, in each round the floor and the server by turns.

    A round that would most likely pass the budget is not begun, but for the first. Raises Failed.
    """
    with Child("benchmarks.upstream") as upstream, Child("benchmarks.floor") as floor, Child("benchmarks.load") as load:
        upstream_port = int(upstream.read())
        with Server(upstream_port=upstream_port, workers=workers, worker_class=worker_class, folder=folder) as server:
            try:
                bench = _Bench(upstream, upstream_port, floor, load, server)
                return bench.run(cases, rounds, budget_seconds)
            except Failed as error:
                raise Failed(f"{error}\nThe server's log ends:\n{server.log()}") from error


class _Bench:
    def __init__(self, upstream: Child, upstream_port: int, floor: Child, load: Child, server: Server) -> None:
        self._upstream, self._upstream_port = upstream, upstream_port
        self._floor, self._load, self._server = floor, load, server

    def run(self, cases: list[Case], rounds: int, budget_seconds: float) -> Run:
        self._ask(stream=False)
        first_chat = self._seconds()
        self._ask(stream=True)
        calls = json.loads(request(self._upstream_port, "GET", "/calls"))
        rows = [Row(case, [], []) for case in cases]
        for number in range(rounds):
            # Another round takes about as long as those before did.
            if number and self._seconds() * (number + 1) / number > budget_seconds:
                break
            sys.stderr.write(f"Round {number + 1} of {rounds}\n")
            for row in rows:
                if number < (row.case.rounds or rounds):
                    self._one_round(row, rows, number, calls)
        return Run(rows, first_chat, [memory(pid) for pid in self._server.workers])

    def _seconds(self) -> float:
        return time.perf_counter() - self._server.started_at

    def _ask(self, *, stream: bool) -> None:
        body = {"message": QUESTION, "session_id": f"bench-{stream}", "stream": stream}
        request(self._server.port, "POST", "/chat", body)

    def _one_round(self, row: Row, rows: list[Row], number: int, calls: dict[str, Any]) -> None:
        case = row.case
        request(self._upstream_port, "PUT", "/pace", {"latency": case.latency, "gap": case.gap})
        programs = {"upstream": [self._upstream.pid]}
        order = {
            "case": case.to_json(),
            "name": f"{number}-{rows.index(row)}",
            "programs": programs,
        }
        row.floor.append(
            _floor_of(row, rows) or self._floor.measure({**order, "port": self._upstream_port, "calls": calls})
        )
        programs["server"] = self._server.pids
        row.server.append(self._load.measure({**order, "port": self._server.port}))


def _floor_of(row: Row, rows: list[Row]) -> Measurement | None:
    """A warm case is compared with the floor of the same sessions read whole, measured a moment before."""
    if row.case.history != "warm":
        return None
    same = replace(row.case, history="long", title="")
    return next((other.floor[-1] for other in rows if replace(other.case, title="") == same), None)
