"""What a test wants to go wrong: faults, each for some of the requests of one operation."""

import threading
from dataclasses import dataclass
from typing import Any, Literal

Operation = Literal[
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "DescribeTable",
    "GetItem",
    "PutItem",
    "Query",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
]
Kind = Literal[
    "throttle",
    "request_throttle",
    "action_throttle",
    "server_error",
    "conflict",
    "in_progress",
    "hang",
    "reset",
    "applied_hang",
    "applied_reset",
    "unprocessed",
]
# Kinds that only some operations know in the real DynamoDB.
_ONLY: dict[Kind, frozenset[Operation]] = {
    "action_throttle": frozenset({"TransactWriteItems"}),
    "conflict": frozenset({"TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"}),
    "in_progress": frozenset({"TransactWriteItems"}),
    "unprocessed": frozenset({"BatchWriteItem"}),
}


@dataclass(frozen=True)
class Request:
    """A request as it arrived, every try of the SDK for itself, and the fault it met."""

    operation: str
    body: dict[str, Any]
    fault: Kind | None


@dataclass
class _Line:
    kind: Kind
    operation: Operation
    times: float
    skip: int

    def is_due(self) -> bool:
        """Counts one more arrival: whether it is past those left alone and the fault is not used up."""
        self.skip -= 1
        return self.skip < 0 and self.times > 0


class Script:
    """The faults not yet played, taken in the order they were written. Safe for threads."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._lock = threading.Lock()

    def add(self, kind: Kind, operation: Operation, *, times: int | None, skip: int) -> None:
        """Raises ValueError for a fault that the operation cannot have."""
        if operation not in _ONLY.get(kind, {operation}):
            raise ValueError(f"{operation} never meets {kind}")
        with self._lock:
            self._lines.append(_Line(kind, operation, float("inf") if times is None else times, skip))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._lines.clear()

    def next_for(self, operation: str) -> Kind | None:
        """The fault of this request; every fault of the operation counts it as an arrival."""
        with self._lock:
            due = [line for line in self._lines if line.operation == operation and line.is_due()]
            if not due:
                return None
            due[0].times -= 1
            return due[0].kind
