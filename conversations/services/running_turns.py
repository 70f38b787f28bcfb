"""The turns under way in this process: how one is stopped from another, and how a process waits for its last ones."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from bedrock_client import Stop
from conversations.domain import Turn
from conversations.store import stops
from dynamodb_client.errors import StoreUnavailable

logger = logging.getLogger("conversations")

# A turn is stopped within two seconds of the wish, whichever process runs it; shorter turns cost no look at all.
LOOK_SECONDS = 0.7
_DRAIN_STEP_SECONDS = 0.05


class RunningTurns:
    """Stops the turns that DynamoDB says should stop. One thread looks for all of them, and ends with the last one."""

    def __init__(self, find: Callable[[Mapping[str, str]], set[str]] = stops.find, look: float = LOOK_SECONDS) -> None:
        self._find = find
        self._look = look
        self._lock = threading.Lock()
        self._turns: dict[str, tuple[str, float, Stop]] = {}
        self._looking = False

    @contextmanager
    def running(self, turn: Turn) -> Iterator[Stop]:
        """Around a turn: the stop that ends its model call."""
        stop = Stop()
        with self._lock:
            self._turns[turn.pending.turn_id] = (turn.session.session_id, time.monotonic(), stop)
            starts, self._looking = not self._looking, True
        if starts:
            threading.Thread(target=self._look_for_stops, name="running-turns", daemon=True).start()
        try:
            yield stop
        finally:
            with self._lock:
                del self._turns[turn.pending.turn_id]

    def stop(self, turn_id: str) -> None:
        """Stops a turn of this process at once; nothing for one of another."""
        if found := self._turns.get(turn_id):
            found[2].set()

    def wait(self, seconds: float, *, sign_of_life: Callable[[], object]) -> bool:
        """Waits for the last turn to end; False when the time is over first. For a process that is to end."""
        until = time.monotonic() + seconds
        while self._turns and time.monotonic() < until:
            sign_of_life()
            time.sleep(_DRAIN_STEP_SECONDS)
        return not self._turns

    def _look_for_stops(self) -> None:
        while self._goes_on():
            time.sleep(self._look)
            youngest = time.monotonic() - self._look
            with self._lock:
                running = {
                    turn_id: session_id for turn_id, (session_id, since, _) in self._turns.items() if since <= youngest
                }
            if running:
                self._stop_found(running)

    def _goes_on(self) -> bool:
        with self._lock:
            self._looking = bool(self._turns)
            return self._looking

    def _stop_found(self, running: Mapping[str, str]) -> None:
        try:
            for turn_id in self._find(running):
                self.stop(turn_id)
        except StoreUnavailable as error:
            logger.warning("no look for stopped turns: %s", error)


running_turns = RunningTurns()
