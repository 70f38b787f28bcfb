"""How one thread ends the model call of another: a turn is cancelled, and nobody waits for the model any longer."""

import threading
from collections.abc import Callable


class Stop:
    """Ends a model call on purpose. One belongs to one call; threads and greenlets may share it.

    Pauses between tries end early, no further try begins, and a stream that is being read is cut: the call raises
    `CallStopped`.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._cuts: set[Callable[[], None]] = set()

    def set(self) -> None:
        """End the call, from any thread. A second time changes nothing."""
        with self._lock:
            self._event.set()
            while self._cuts:
                self._cuts.pop()()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Return when the call is stopped or the time is over."""
        self._event.wait(seconds)

    def register(self, cut: Callable[[], None]) -> None:
        """Have `cut` called when the call is stopped; at once if it is already. It must neither block nor raise."""
        with self._lock:
            if self.is_set():
                cut()
            else:
                self._cuts.add(cut)

    def unregister(self, cut: Callable[[], None]) -> None:
        """From the return of this on `cut` is not called any more."""
        with self._lock:
            self._cuts.discard(cut)
