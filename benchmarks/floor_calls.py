"""The calls of a turn with nothing around them: botocore's clients as they come.

What is sent is what the server was seen to send, but for the history: the floor reads all of it and sends all of it to
the model. Only endpoint, region, the size of the pool and the number of attempts differ from botocore's defaults.
"""

import time
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.config import Config

from benchmarks.bedrock_answers import lags
from benchmarks.cases import Case
from benchmarks.measurement import Chat

# Parameters of operations: of those of a turn by name, of others in the order in which they were called.
Calls = dict[str, dict[str, Any]]
Asked = list[tuple[str, dict[str, Any]]]


def bare_calls(url: str, seen: Any, case: Case, name: str) -> Callable[[int], Chat]:  # noqa: ANN401  # as JSON has it
    """What makes one request's calls; `seen` is what the server was seen to call for it."""
    return Turns(url, seen, case, name).turn if case.asks == "chat" else Reads(url, seen, case).read


class Reads:
    """Makes the Queries of a read, the same ones each time."""

    def __init__(self, url: str, seen: Asked, case: Case) -> None:
        self._dynamodb = _client("dynamodb", url, case.callers)
        self._queries = [parameters for operation, parameters in seen if operation == "Query"]

    def read(self, number: int) -> Chat:  # noqa: ARG002  # every read is the same
        begun = time.perf_counter()
        for parameters in self._queries:
            if not self._dynamodb.query(**parameters)["Items"]:
                raise RuntimeError("nothing to read")
        return Chat((time.perf_counter() - begun) * 1000)


class Turns:
    """Makes turns of one case. `calls` holds the parameters seen, by operation."""

    def __init__(self, url: str, calls: Calls, case: Case, name: str) -> None:
        self._dynamodb = _client("dynamodb", url, case.callers)
        self._bedrock = _client("bedrock-runtime", url, case.callers)
        self._calls, self._case, self._name = calls, case, name

    def turn(self, number: int) -> Chat:
        """One turn in a session of its own."""
        session_id = f"{self._case.sessions}-{self._name}-{number}"
        begun = time.perf_counter()
        begin = self._calls["UpdateItem"]
        self._dynamodb.update_item(**{**begin, "Key": {**begin["Key"], "SessionId": {"S": session_id}}})
        history = self._history(session_id, begin["TableName"]) if self._case.turns else []
        first, late = self._stream(history, begun) if self._case.stream else self._whole(history)
        self._dynamodb.transact_write_items(**self._calls["TransactWriteItems"])
        return Chat((time.perf_counter() - begun) * 1000, first, late)

    def _history(self, session_id: str, table: str) -> list[dict[str, Any]]:
        answer = self._dynamodb.query(
            TableName=table,
            KeyConditionExpression="SessionId = :s AND #t >= :first",
            ExpressionAttributeNames={"#t": "Timestamp"},
            ExpressionAttributeValues={":s": {"S": session_id}, ":first": {"S": "0"}},
            ConsistentRead=True,
        )
        return [{"role": item["Role"]["S"], "content": [{"text": item["Content"]["S"]}]} for item in answer["Items"]]

    def _whole(self, history: list[dict[str, Any]]) -> tuple[None, list[float]]:
        seen = self._calls["Converse"]
        answer = self._bedrock.converse(**{**seen, "messages": [*history, *seen["messages"]]})
        if not answer["output"]["message"]["content"][0]["text"]:
            raise RuntimeError("an empty reply")
        return None, []

    def _stream(self, history: list[dict[str, Any]], begun: float) -> tuple[float | None, list[float]]:
        seen = self._calls["ConverseStream"]
        answer = self._bedrock.converse_stream(**{**seen, "messages": [*history, *seen["messages"]]})
        first: float | None = None
        late: list[float] = []
        for event in answer["stream"]:
            if "contentBlockDelta" in event:
                first = first or (time.perf_counter() - begun) * 1000
                late += lags(event["contentBlockDelta"]["delta"]["text"].encode())
        return first, late


def _client(service: str, url: str, callers: int) -> Any:  # noqa: ANN401  # botocore makes the client's class at run time
    config = Config(max_pool_connections=max(callers, 10), retries={"total_max_attempts": 1})
    return botocore.session.get_session().create_client(service, "us-east-1", endpoint_url=url, config=config)
