"""`make soak`: ends with 1 when memory, threads, sockets or files grew, or something was answered wrongly."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.command import end_with, status
from benchmarks.soak.run import soak
from benchmarks.soak.verdict import Soaked, table

_MOST_MINUTES = 24 * 60


def main(arguments: Sequence[str] | None = None, *, play: Callable[..., Soaked] = soak) -> int:
    """The program's exit status."""
    parser = argparse.ArgumentParser(prog="make soak", description="Does anything grow that should not?")
    parser.add_argument("--minutes", type=_minutes, default=30.0, metavar="N", help="how long it goes on (30)")
    parser.add_argument("--worker-class", choices=("gevent", "gthread"), default="gevent", help="gunicorn's (gevent)")
    options = parser.parse_args(arguments)

    def played(folder: Path) -> int:
        soaked = play(seconds=60 * options.minutes, worker_class=options.worker_class, folder=folder)
        sys.stdout.write(table(soaked) + "\n")
        return 1 if soaked.faults else 0

    return status("make soak", played)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= _MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"a number above 0, {_MOST_MINUTES} at most, is needed")
    return minutes


if __name__ == "__main__":
    end_with(main)
