"""Whether this process can answer chats: tables and clients are there. Asked often, looked up seldom."""

import threading
import time
from collections.abc import Callable

from bedrock_client import warm_up as warm_up_bedrock
from conversations.store import tables_state
from dynamodb_client.errors import StoreUnavailable

KEEP_SECONDS = 5.0

Checks = dict[str, str]


def _dynamodb() -> str:
    try:
        states = tables_state.read()
    except StoreUnavailable as error:
        return f"unavailable ({error})"
    missing = [f"{name} is {state}" for name, state in states.items() if state != "ACTIVE"]
    return ", ".join(missing) or "ok"


def _bedrock() -> str:
    try:
        warm_up_bedrock()
    except Exception as error:  # noqa: BLE001  # whatever keeps a client from being made makes us not ready
        return f"not configured ({type(error).__name__})"
    return "ok"


class Readiness:
    """The state of each dependency, at most KEEP_SECONDS old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Checks = {}
        self._due = float("-inf")

    def checks(self) -> Checks:
        """What is the matter with each dependency; `ok` where nothing is."""
        with self._lock:
            if self._clock() >= self._due:
                self._known = {"dynamodb": _dynamodb(), "bedrock": _bedrock()}
                self._due = self._clock() + KEEP_SECONDS
            return self._known


readiness = Readiness()
