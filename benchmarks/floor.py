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
from benchmarks.measurement import Chat, Measurement
from benchmarks.window import LOOK_SECONDS, MOST_LOOKS, Window, stretches


def play(order: dict[str, Any]) -> Measurement:
    """Runs one case and returns what was seen."""
    from benchmarks.floor_calls import Turns  # after the patches, as gevent wants it

    case = Case(**order["case"])
    turns = Turns(f"http://127.0.0.1:{order['port']}", order["calls"], case, order["name"])
    window = Window({**order["programs"], "floor": [os.getpid()]})
    until_ended = Event()
    callers = [gevent.spawn(_keep_turning, turns.turn, window, until_ended, case, n) for n in range(case.callers)]
    _watch(case, window)
    until_ended.set()
    gevent.joinall(callers, raise_error=True)
    return window.measured(upstream_ms=case.upstream_seconds * 1000, first_ms=case.latency * 1000)


def _watch(case: Case, window: Window) -> None:
    gevent.sleep(case.ramp_seconds)
    for _ in range(MOST_LOOKS):
        if window.answered >= case.callers:
            break
        gevent.sleep(LOOK_SECONDS)
    window.open()
    for _ in stretches(case.seconds):
        gevent.sleep(case.seconds)
        if window.has_enough:
            break
    window.close()


def _keep_turning(turn: Callable[[int], Chat], window: Window, ended: Event, case: Case, caller: int) -> None:
    gevent.sleep(case.upstream_seconds * caller / case.callers)
    number = caller
    while not ended.is_set():
        window.record(turn(number))
        number += case.callers


def main() -> None:
    """Serves orders until standard input ends."""
    gevent.monkey.patch_all()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(play(json.loads(line)).to_json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
