"""Rounds of measurements: floor, service and plain server by turns, case by case."""

import json
import sys
import time
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.asking import chat, request
from benchmarks.cases import READS, Case
from benchmarks.children import Child
from benchmarks.measurement import Measurement
from benchmarks.plain.server import PlainServer
from benchmarks.processes import Memory, memory
from benchmarks.rows import Row
from benchmarks.server import Server
from benchmarks.web_server import WebServer


@dataclass
class Bench:
    """The programs of a run: one server for each number of workers."""

    upstream: Child
    upstream_port: int
    floor: Child
    load: Child
    servers: dict[int, Server]
    plain: dict[int, PlainServer]

    def rows(self, cases: list[Case], rounds: int, end: float) -> list[Row]:
        """All cases, in rounds. One that would most likely end after `end` is not begun, but for the first."""
        for server in self.servers.values():
            for stream in (False, True):
                chat(server.port, f"new-{stream}", stream=stream)
        calls: dict[str, Any] = {"chat": json.loads(request(self.upstream_port, "GET", "/calls"))}
        for asks in READS.values():
            calls[asks] = self._called_by("/history/cold50-0" if asks == "history" else f"/{asks}")
        rows = [Row(case) for case in cases]
        began = time.perf_counter()
        for number in range(rounds):
            # Another round takes about as long as those before did.
            now = time.perf_counter()
            if number and now + (now - began) / number > end:
                break
            sys.stderr.write(f"Round {number + 1} of {rounds}\n")
            for row in rows:
                if number < (row.case.rounds or rounds):
                    self._one_round(row, rows, number, calls)
        return rows

    def memory(self) -> list[Memory]:
        """What the service's workers hold now."""
        return [memory(pid) for server in self.servers.values() for pid in server.workers]

    def _called_by(self, path: str) -> Any:  # noqa: ANN401  # as JSON has it
        """The calls that one GET makes, once the server has what it keeps in memory."""
        server = next(iter(self.servers.values()))
        request(server.port, "GET", path)
        request(self.upstream_port, "GET", "/recent")
        request(server.port, "GET", path)
        return json.loads(request(self.upstream_port, "GET", "/recent"))

    def _one_round(self, row: Row, rows: list[Row], number: int, calls: dict[str, Any]) -> None:
        case = row.case
        pace = {"latency": case.latency, "gap": case.gap, "pieces": case.pieces}
        request(self.upstream_port, "PUT", "/pace", pace)
        order = {"case": case.to_json(), "name": f"{number}-{rows.index(row)}"}
        server = self.servers[case.workers]
        if case.floor:
            row.floor.append(_floor_of(row, rows) or self._floor_round(case, order, server, calls))
        row.server.append(self._asked("server", server, order))
        if case.plain and self.plain:
            row.plain.append(self._asked("plain", self.plain[case.workers], order))

    def _floor_round(self, case: Case, order: dict[str, Any], server: Server, calls: dict[str, Any]) -> Measurement:
        if case.asks == "models":  # answered from memory: beside a page of the same server that says two words
            return self._asked("floor", server, order | {"case": replace(case, asks="health").to_json()})
        programs = {"upstream": [self.upstream.pid]}
        there = {"port": self.upstream_port, "calls": calls[case.asks], "programs": programs}
        return self.floor.measure(order | there)

    def _asked(self, name: str, server: WebServer, order: dict[str, Any]) -> Measurement:
        programs = {"upstream": [self.upstream.pid], name: server.pids}
        return self.load.measure(order | {"port": server.port, "programs": programs})


def _floor_of(row: Row, rows: list[Row]) -> Measurement | None:
    """A warm case is compared with the floor of the same sessions read whole, measured a moment before."""
    if not row.case.comes_again:
        return None
    same = (other.floor[-1] for other in rows if other is not row and other.floor and other.case.work == row.case.work)
    return next(same, None)
