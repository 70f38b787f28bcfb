"""New processes: how soon the first one answers, what a crowd at its door costs in memory, and whether that grows."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.asking import chat
from benchmarks.crowd import chats
from benchmarks.processes import Memory, memory
from benchmarks.server import SMALL_CACHE, Server

CROWD = 256
_STARTS = 3
_CALLERS = 32
_WARM_SESSIONS, _SESSIONS = 1_000, 10_000
_WARM_SECONDS, _LONGEST_SECONDS = 30.0, 75.0


@dataclass(frozen=True)
class Growth:
    """Memory of a worker after 1,000 sessions, and after `sessions` more: 10,000, or those of 75 seconds."""

    before: Memory
    after: Memory
    sessions: int


@dataclass(frozen=True)
class Startup:
    """Seconds from a new gunicorn, of one worker, to its first answered chat, median; memory of a worker whose first
    requests were 256 at once; growth, where it was asked for."""

    first_chat: float
    crowded: Memory
    growth: Growth | None


def start_up(*, upstream_port: int, worker_class: str, folder: Path, grow: bool) -> Startup:
    """Starts servers one after the other. Raises Failed."""

    def server(name: str, settings: dict[str, str]) -> Server:
        return Server(
            upstream_port=upstream_port, workers=1, worker_class=worker_class, folder=folder / name, settings=settings
        )

    sys.stderr.write("Starts\n")
    first_chats = []
    for number in range(_STARTS):
        with server(f"start-{number}", {}) as started:
            chat(started.port, f"new-{number}")
            first_chats.append(time.perf_counter() - started.started_at)
    with server("crowded", SMALL_CACHE) as crowded:
        chats(crowded.port, "crowd", callers=CROWD, number=CROWD)
        held = memory(crowded.workers[0])
        growth = _growth(crowded) if grow else None
    return Startup(median(first_chats), held, growth)


def _growth(server: Server) -> Growth:
    worker = server.workers[0]
    chats(server.port, "warm", callers=_CALLERS, number=_WARM_SESSIONS, seconds=_WARM_SECONDS)
    before = memory(worker)
    sys.stderr.write(f"{_SESSIONS:,} sessions\n")
    sessions = chats(server.port, "more", callers=_CALLERS, number=_SESSIONS, seconds=_LONGEST_SECONDS)
    return Growth(before, memory(worker), sessions)
