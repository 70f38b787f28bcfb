"""What each kind of fault does with its request."""

import json
from collections.abc import Callable
from typing import Any, Protocol

from .script import Kind, Request
from .wire import Answer, cancelled, json_answer, refusal


class Connection(Protocol):
    """What a fault can do with the connection of its request."""

    def forward(self, body: dict[str, Any] | None = None) -> Answer:
        """MiniStack's answer to the request, or to the same operation with another body."""

    def answer(self, answer: Answer) -> None: ...

    def reset(self) -> None:
        """Break the connection without a word."""

    def hold(self) -> None:
        """Say nothing until the caller goes away or the test is over."""


def play(request: Request, connection: Connection) -> None:
    """Does to the request what its fault says; without one it is answered as MiniStack answers it."""
    if request.fault is None:
        connection.answer(connection.forward())
    else:
        _FAULTS[request.fault](request, connection)


def _refuse(code: str) -> Callable[[Request, Connection], None]:
    return lambda _request, connection: connection.answer(refusal(code))


def _cancel(reason: str) -> Callable[[Request, Connection], None]:
    return lambda request, connection: connection.answer(cancelled(reason, len(request.body["TransactItems"])))


def _conflict(request: Request, connection: Connection) -> None:
    if request.operation == "TransactWriteItems":
        _cancel("TransactionConflict")(request, connection)
    else:
        connection.answer(refusal("TransactionConflictException"))


def _hang(_request: Request, connection: Connection) -> None:
    connection.hold()


def _reset(_request: Request, connection: Connection) -> None:
    connection.reset()


def _applied_hang(_request: Request, connection: Connection) -> None:
    connection.forward()
    connection.hold()


def _applied_reset(_request: Request, connection: Connection) -> None:
    connection.forward()
    connection.reset()


def _unprocessed(request: Request, connection: Connection) -> None:
    """Writes the first half and hands back the rest; at least one is written, because DynamoDB never hands back all."""
    writes = [(table, write) for table, writes in request.body["RequestItems"].items() for write in writes]
    half = (len(writes) + 1) // 2
    answer = connection.forward({**request.body, "RequestItems": _by_table(writes[:half])})
    if answer.status == 200:
        body = {**json.loads(answer.body), "UnprocessedItems": _by_table(writes[half:])}
        answer = json_answer(answer.status, body)
    connection.answer(answer)


def _by_table(writes: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    tables: dict[str, list[Any]] = {}
    for table, write in writes:
        tables.setdefault(table, []).append(write)
    return tables


_FAULTS: dict[Kind, Callable[[Request, Connection], None]] = {
    "throttle": _refuse("ProvisionedThroughputExceededException"),
    "request_throttle": _refuse("ThrottlingException"),
    "action_throttle": _cancel("ThrottlingError"),
    "server_error": _refuse("InternalServerError"),
    "conflict": _conflict,
    "in_progress": _refuse("TransactionInProgressException"),
    "hang": _hang,
    "reset": _reset,
    "applied_hang": _applied_hang,
    "applied_reset": _applied_reset,
    "unprocessed": _unprocessed,
}
