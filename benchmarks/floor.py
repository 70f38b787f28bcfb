"""The floor, in greenlets as the server is: `python -m benchmarks.floor`.

Reads an order a line (JSON), answers with a `Measurement` a line, ends when its input ends.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import gevent
import gevent.monkey
from gevent.event import Event

from benchmarks.cases import Case
from benchmarks.course import course
from benchmarks.measurement import Chat, Measurement
from benchmarks.window import Window


def play(order: dict[str, Any]) -> Measurement:
    """Runs one case and returns what was seen."""
    from benchmarks.floor_calls import bare_calls  # after the patches, as gevent wants it

    case = Case(**order["case"])
    turn = bare_calls(f"http://127.0.0.1:{order['port']}", order["calls"], case, order["name"])
    window = Window({**order["programs"], "floor": [os.getpid()]})
    ended = Event()
    callers = [gevent.spawn(_keep_turning, turn, window, ended, case, number) for number in range(case.callers)]
    for seconds in course(case, window):
        gevent.sleep(seconds)
    ended.set()
    gevent.joinall(callers, raise_error=True)
    return window.measured(upstream_ms=case.upstream_seconds * 1000, first_ms=case.latency * 1000)


def _keep_turning(turn: Callable[[int], Chat], window: Window, ended: Event, case: Case, caller: int) -> None:
    gevent.sleep(case.upstream_seconds * caller / case.callers)
    number = caller
    while not ended.is_set():
        window.record(caller, turn(number))
        number += case.callers


def main() -> None:
    """Serves orders until standard input ends."""
    gevent.monkey.patch_all()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(play(json.loads(line)).to_json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
