"""The course of a soak run: warm up, let everything come to rest, look, soak, rest, look again."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.asking import request
from benchmarks.children import Child, Failed
from benchmarks.crowd import chats
from benchmarks.server import SMALL_CACHE, Server
from benchmarks.soak.resources import Held, held
from benchmarks.soak.verdict import Sample, Soaked
from benchmarks.soak.visitors import Visitor

_VISITORS = 16
# Twice as many at once as ever later, every one of them held up: so all pools have grown to what they will need.
_CROWD = {"latency": 0.5, "gap": 0.0, "table": 0.5}
_PACE = {"latency": 0.05, "gap": 0.005, "throttled": 23, "refused": 37}
_SAMPLES = 60
_REST_SECONDS, _RESTS, _RESTED = 0.5, 60, 4
# What Linux says of a process that is looked at and has ended.
_ENDED = (FileNotFoundError, ProcessLookupError)


def soak(*, seconds: float, worker_class: str, folder: Path) -> Soaked:
    """One worker under all that visitors do, a sixth of the time to warm it up. Raises Failed."""
    with Child("benchmarks.upstream") as upstream:
        port = int(upstream.read())
        with Server(
            upstream_port=port, workers=1, worker_class=worker_class, folder=folder / "server", settings=SMALL_CACHE
        ) as server:
            request(port, "PUT", "/pace", _CROWD)
            chats(server.port, "soak-crowd", callers=2 * _VISITORS, number=4 * _VISITORS)
            request(port, "PUT", "/pace", _PACE)
            try:
                return asyncio.run(_course(server, seconds))
            except _ENDED as error:
                raise Failed(f"A process of the server has ended: {error}") from error


async def _course(server: Server, seconds: float) -> Soaked:
    pids, seen = server.pids, Counter[str]()
    async with _visited(server.port, Counter()):
        await asyncio.sleep(seconds / 6)
    warm = await _rested(pids)
    sys.stderr.write("Warm\n")
    samples = []
    began = time.perf_counter()
    async with _visited(server.port, seen):
        for _ in range(_SAMPLES):
            await asyncio.sleep(seconds * 5 / 6 / _SAMPLES)
            try:
                if server.pids != pids:
                    break
                samples.append(Sample(time.perf_counter() - began, held(pids).rss))
            except _ENDED:
                break
    if lost := set(pids) - set(server.pids):
        return Soaked(warm, samples, warm, seen, lost_workers=len(lost))
    return Soaked(warm, samples, await _rested(pids), seen)


@asynccontextmanager
async def _visited(port: int, seen: "Counter[str]") -> AsyncIterator[None]:
    """All visitors are at work within; then each ends what it does, and leaves."""
    ended = asyncio.Event()

    async def visit(visitor: Visitor) -> None:
        while not ended.is_set():
            await visitor.step()
        await visitor.leave()

    async with asyncio.TaskGroup() as tasks:
        for number in range(_VISITORS):
            tasks.create_task(visit(Visitor(port, number, seen)))
        try:
            yield
        finally:
            ended.set()


async def _rested(pids: list[int]) -> Held:
    """What is held once that does not change any more: turns that nobody listens to go on for a while."""
    now, same = held(pids), 0
    for _ in range(_RESTS):
        await asyncio.sleep(_REST_SECONDS)
        before, now = now, held(pids)
        same = same + 1 if now.counts == before.counts else 0
        if same == _RESTED:
            break
    return now
