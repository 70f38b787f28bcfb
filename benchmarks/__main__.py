"""`make bench`: measures, prints a table. Ends with 1 only when something was not answered, never on a figure."""

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.bench import Run, Setting, run
from benchmarks.cases import plan
from benchmarks.command import end_with, status
from benchmarks.processes import Memory
from benchmarks.startup import CROWD, Growth
from benchmarks.table import noise, table
from benchmarks.targets import table_of_targets

_MOST_WORKERS = 64

_LEGEND = """\
CPU ms: processor time a chat, user and system, of the server's master and workers. Spread: of it between the rounds.
÷ floor: median of the rounds. p50, p95, p99: milliseconds of a whole chat over what the model takes. first 50, 99:
the same until the first text of a stream. piece 99: milliseconds that a piece was under way, p99. plain: FastAPI and
boto3 with the seed's four calls. GET: requests instead of chats; the floor of /models is GET /health."""


def main(arguments: Sequence[str] | None = None, *, measure: Callable[..., Run] = run) -> int:
    """The program's exit status."""
    options = _options(arguments)
    quick: bool = options.quick
    setting = Setting(
        rounds=_rounds(options),
        budget_seconds=100 if quick else 560,
        worker_class=options.worker_class,
        plain=options.plain,
        grow=not quick,
    )

    def measured(folder: Path) -> int:
        found = measure(plan(quick=quick, workers=options.workers), setting, folder=folder)
        sys.stdout.write("\n".join(_report(found, options)) + "\n")
        return 1 if found.failures else 0

    return status("make bench", measured)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="What a chat costs, beside its floor.")
    parser.add_argument("--quick", action="store_true", help="under two minutes: shorter, two rounds, fewer cases")
    parser.add_argument(
        "--workers", type=_count, metavar="N", help="of each server (1, and 2 where the model takes a second)"
    )
    parser.add_argument("--worker-class", choices=("gevent", "gthread"), default="gevent", help="their kind (gevent)")
    parser.add_argument("--plain", metavar="PYTHON", help="of the peers' environment: compare with the plain server")
    return parser.parse_args(arguments)


def _rounds(options: argparse.Namespace) -> int:
    return 2 if options.quick else 5


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"a number between 1 and {_MOST_WORKERS} is needed")
    return int(text)


def _report(found: Run, options: argparse.Namespace) -> list[str]:
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    workers = (
        f"{options.workers} worker(s) each" if options.workers else "one worker, two where the model takes a second"
    )
    return [
        f"{options.worker_class}, {workers}, {machine}",
        "",
        table(found.rows),
        "",
        _LEGEND,
        "",
        *noise(found.rows),
        f"{found.rounds} of {_rounds(options)} rounds{'' if found.rounds == _rounds(options) else ': slow machine'}.",
        *(_carried(found, program) for program in ("upstream", "load")),
        f"A worker whose first requests were {CROWD} at once: {_held(found.startup.crowded)}.",
        *([_grown(found.startup.growth)] if found.startup.growth else []),
        f"Memory at the end, a worker: {', '.join(map(_held, found.memory))}.",
        "",
        table_of_targets(found),
        *(f"FAILED: {failure}" for failure in found.failures),
    ]


def _held(memory: Memory) -> str:
    return f"{memory.rss:.0f} MiB RSS ({memory.pss:.0f} PSS)"


def _grown(growth: Growth) -> str:
    return f"It held {_held(growth.before)} after 1,000 sessions, {_held(growth.after)} after {growth.sessions:,} more."


def _carried(found: Run, program: str) -> str:
    """What a program of the benchmark itself can carry: more than the server, or it is what was measured."""
    chats = (row for row in found.rows if row.case.asks == "chat")
    row = max(chats, key=lambda row: statistics.median(round_.rate for round_ in row.server))
    used = statistics.median(round_.cpu_ms(program) for round_ in row.server)
    name = {"load": "callers"}.get(program, program)
    carries = f"on a core of its own it carries {1000 / used:,.0f} a second" if used else "too little to be counted"
    return f"The benchmark's {name} used {used:.2f} ms CPU a chat ({row.case.title}, {row.case.callers}): {carries}."


if __name__ == "__main__":
    end_with(main)
