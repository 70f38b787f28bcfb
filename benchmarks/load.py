"""Callers that chat without a pause: `python -m benchmarks.load`.

Reads an order a line (JSON), answers with a `Measurement` a line, ends when its input ends.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.callers import Caller, WrongAnswer, ask
from benchmarks.cases import Case
from benchmarks.course import course
from benchmarks.http_client import Connection
from benchmarks.window import Window


@dataclass(frozen=True)
class Order:
    """`name` sets the sessions of this order apart from all others; `programs` are those whose CPU is counted."""

    case: Case
    name: str
    port: int
    programs: dict[str, list[int]]

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Order":
        return cls(**{**body, "case": Case(**body["case"])})


async def play(order: Order) -> Window:
    """Runs the order's case and returns what was seen."""
    window = Window({**order.programs, "load": [os.getpid()]})
    ended = asyncio.Event()
    callers = [Caller(order.case, order.name, number) for number in range(order.case.callers)]
    connections = [await Connection.to(order.port) for _ in callers]
    try:
        if order.case.comes_again:
            await asyncio.gather(*map(_warm_up, callers, connections))
        async with asyncio.TaskGroup() as tasks:
            for number, (caller, connection) in enumerate(zip(callers, connections, strict=True)):
                # Spread over the time of one answer: they would go on in step for ever.
                delay = order.case.upstream_seconds * number / len(callers)
                tasks.create_task(_keep_asking(number, caller, connection, window, ended, delay))
            for seconds in course(order.case, window):
                await asyncio.sleep(seconds)
            ended.set()
    finally:
        for connection in connections:
            await connection.close()
    return window


async def _warm_up(caller: Caller, connection: Connection) -> None:
    for _ in range(caller.sessions_again):
        await ask(connection, caller.request())


async def _keep_asking(
    number: int, caller: Caller, connection: Connection, window: Window, ended: asyncio.Event, delay: float
) -> None:
    await asyncio.sleep(delay)
    while not ended.is_set():
        try:
            window.record(number, await ask(connection, caller.request()))
        except (WrongAnswer, OSError, EOFError, TimeoutError) as error:
            window.fail(number, f"{type(error).__name__}: {error}")
            return  # the connection is in no known state


def main() -> None:
    """Serves orders until standard input ends."""
    for line in sys.stdin:
        order = Order.from_json(json.loads(line))
        window = asyncio.run(play(order))
        case = order.case
        measured = window.measured(upstream_ms=case.upstream_seconds * 1000, first_ms=case.latency * 1000)
        sys.stdout.write(json.dumps(measured.to_json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
