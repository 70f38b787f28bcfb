"""The service with everything around it that a test can move: its time, its processes, its model, its tables."""

import datetime as dt
import threading
from types import SimpleNamespace

import httpx
import pytest

from conversations.services import clock, stop_turn
from conversations.store import tables_state
from tests.scripted_bedrock import ScriptedBedrock

from .callers import Callers
from .processes import Moment, Processes

# So far away that MiniStack, which deletes what expired by the real time, never deletes a receipt.
START = dt.datetime(2040, 11, 23, 9, 30, tzinfo=dt.UTC)
SLOW = dt.timedelta(seconds=1)
TICK = dt.timedelta(microseconds=1)


class Time:
    """A time of day that moves when it is told to, and by a microsecond whenever somebody looks.

    A process may have a `slow` clock.
    """

    def __init__(self) -> None:
        self.slow = dt.timedelta()
        self._lock = threading.Lock()
        self._now = START

    def now(self, _zone: dt.tzinfo = dt.UTC) -> dt.datetime:
        with self._lock:
            self._now += TICK
            return self._now - self.slow

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self._now += dt.timedelta(seconds=seconds)


class Service:
    """Made once; `reset` brings back the first day, with empty tables."""

    def __init__(self, ministack: str, bedrock: ScriptedBedrock, patch: pytest.MonkeyPatch) -> None:
        self.bedrock = bedrock
        self.callers = Callers()
        self.processes = Processes(patch)
        self.time = Time()
        self._ministack = ministack
        self._patch = patch
        patch.setattr(stop_turn, "_LOOK_SECONDS", 0.01)

    def reset(self) -> None:
        self.bedrock.reset()
        httpx.post(f"{self._ministack}/_ministack/reset").raise_for_status()
        tables_state.create()
        self.time = Time()
        # Every `now` of the project asks this module.
        self._patch.setattr(clock, "dt", SimpleNamespace(UTC=dt.UTC, datetime=self.time))
        self.processes.reset()

    def take(self, process: int, *, dies_at: Moment | None = None) -> None:
        """The next request is this process's; the clock of the second one is slow."""
        self.time.slow = process * SLOW
        self.processes.take(process, dies_at=dies_at)

    def stop_within(self, seconds: float) -> None:
        """How long a turn has to end itself when it is to be stopped."""
        self._patch.setattr(stop_turn, "STOP_SECONDS", seconds)
