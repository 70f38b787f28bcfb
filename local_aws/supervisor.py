"""Starts children in order, watches them, and ends them in the reverse order, whatever happens.

The order of ending is what keeps data: the server finishes its turns first, then MiniStack, which saves on SIGTERM
alone, may go.
"""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from local_aws.children import Child
from local_aws.errors import LocalModeError, StopRequestedError

POLL_SECONDS = 0.05
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """A context manager: inside it the stop signals are requests, and at its end no child is left.

    The first request ends each child with SIGTERM and waits its patience out; a second one asks a child that still
    has work to hurry (SIGQUIT, which gunicorn takes as "now") where its `hasty` mark allows it.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        self._hasty: set[str] = set()
        self._requests = 0

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            signal.signal(number, self._note_request)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            self._end(child)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        patience: float,
        hasty: bool = False,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Start a child whose log is `<name>.log`; see `Child.start`."""
        log = self._logs / f"{name.lower().replace(' ', '-')}.log"
        child = Child.start(name, command, environment=environment, log=log, patience=patience, pass_fds=pass_fds)
        self._children.append(child)
        if hasty:
            self._hasty.add(name)
        return child

    def wait_until(self, ready: Callable[[], bool], child: Child, seconds: float) -> None:
        """Wait for `child` to be ready while all the others live.

        Raises LocalModeError when one of them ends or the time is over, StopRequestedError on a stop signal.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            self._check()
            if time.monotonic() > deadline:
                raise LocalModeError(f"{child.name} was not ready after {seconds:.0f} seconds; its log is {child.log}.")
            time.sleep(POLL_SECONDS)

    def run_to_end(self, child: Child, seconds: float) -> None:
        """Wait for a child whose work has an end. Raises like `wait_until`, and LocalModeError when it failed."""
        self._children.remove(child)
        try:
            self.wait_until(child.ended, child, seconds)
        except BaseException:
            self._end(child)
            raise
        if child.process.returncode != 0:
            raise LocalModeError(child.obituary())

    def watch(self) -> None:
        """Return when somebody asks to stop. Raises LocalModeError when a child ends of itself."""
        try:
            while True:
                self._check()
                time.sleep(POLL_SECONDS)
        except StopRequestedError:
            return

    def _check(self) -> None:
        if self._requests:
            raise StopRequestedError
        for child in self._children:
            if child.ended():
                raise LocalModeError(child.obituary())

    def _end(self, child: Child) -> None:
        if not child.ended():
            child.ask_to_end()
        hurried = False
        deadline = time.monotonic() + child.patience
        while not child.ended() and time.monotonic() < deadline:
            if self._requests > 1 and child.name in self._hasty and not hurried:
                child.ask_to_end(signal.SIGQUIT)
                hurried = True
            time.sleep(POLL_SECONDS)
        child.kill()

    def _note_request(self, _number: int, _frame: FrameType | None) -> None:
        self._requests += 1
