"""The faulty DynamoDB as a test sees it."""

import threading
from typing import Any

from dynamodb_client.quick import QuickClient

from .hurry import hurry
from .proxy import Proxy
from .script import Kind, Operation, Request, Script


class FaultyDynamoDB:
    """A DynamoDB at `url` that does what the one at `upstream` does, but for the faults a test scripts.

    `requests` are all that arrived, in order, each try of the SDK for itself.
    """

    def __init__(self, upstream: str) -> None:
        self._script = Script()
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self._proxy = Proxy(upstream, self._arrived)
        self.url = self._proxy.url

    @property
    def calls(self) -> list[str]:
        """The operations of `requests`."""
        return [request.operation for request in self.requests]

    def fault(self, kind: Kind, operation: Operation, *, times: int | None = 1, skip: int = 0) -> None:
        """From now on `times` requests of this operation meet this fault; None means all of them until `recover`.

        The first `skip` requests from now on are left alone. Raises ValueError for what the real one never does.

        Refused: `throttle` (ProvisionedThroughputExceededException), `request_throttle` (ThrottlingException),
        `server_error`, `conflict` (with another transaction). Transactions only: `action_throttle` (cancelled because
        one action was throttled), `in_progress` (an earlier try of the same one is still under way).
        Not carried out: `hang` (no answer), `reset` (the connection breaks). Carried out, but the answer is lost:
        `applied_hang`, `applied_reset`. Batch writes only: `unprocessed` (carried out by half).
        """
        self._script.add(kind, operation, times=times, skip=skip)

    def of(self, operation: Operation) -> list[Request]:
        """The requests of one operation."""
        return [request for request in self.requests if request.operation == operation]

    def forget(self) -> None:
        """As it was when it was made: no fault, no request, nothing that hangs."""
        self.recover()
        self.requests = []

    def recover(self) -> None:
        """Drops every fault and breaks what hangs."""
        self._script.clear()
        self._proxy.release()

    def hurry(self, client: QuickClient) -> None:
        """From now on a call of this client that hangs has timed out at once."""
        hurry(client, self._proxy)

    def stop(self) -> None:
        """Nobody listens at `url` any more."""
        self._proxy.stop()

    def _arrived(self, operation: str, body: dict[str, Any]) -> Request:
        with self._lock:
            request = Request(operation, body, self._script.next_for(operation))
            self.requests.append(request)
        return request
