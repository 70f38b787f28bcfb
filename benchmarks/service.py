"""DynamoDB and Bedrock behind one door: which answer a request gets, and when."""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote

from benchmarks.bedrock_answers import CONVERSE, MODELS, PROFILES
from benchmarks.dynamodb_answers import DynamoDB, UnknownOperation
from benchmarks.pace import Pace, stream, write

_TARGET = re.compile(rb"\r\nx-amz-target: *DynamoDB_\d+\.(\w+)", re.IGNORECASE)
_MODEL = re.compile(r"/model/([^/]+)/(converse|converse-stream)$")
# Of each so many calls of the model one is refused, as Bedrock would put it.
_REFUSALS = {
    "throttled": (b"429 Too Many Requests", b"ThrottlingException"),
    "refused": (b"400 Bad Request", b"ValidationException"),
}
_MOST_RECENT = 32


@dataclass
class Service:
    """What all connections share."""

    pace: Pace = field(default_factory=Pace)
    dynamodb: DynamoDB = field(default_factory=DynamoDB)
    calls: dict[str, bytes] = field(default_factory=dict)
    recent: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=_MOST_RECENT))
    models: dict[str, str] = field(default_factory=dict)
    model_calls: int = 0

    def answer(self, head: bytes, body: bytes, transport: asyncio.Transport) -> None:
        target = _TARGET.search(head)
        method, path, _ = head.split(b" ", 2)
        if target:
            operation = target[1].decode()
            self._note(operation, body)
            self._later(self.pace.table, partial(self._from_table, operation, body, transport))
        elif model := _MODEL.match(path.decode()):
            self._from_model(model[2], unquote(model[1]), body, transport)
        elif (method, path) == (b"PUT", b"/pace"):
            self.pace = Pace(**json.loads(body))
            write(transport, b"{}")
        else:
            self._told(method, path.partition(b"?")[0], transport)

    def _told(self, method: bytes, path: bytes, transport: asyncio.Transport) -> None:
        answers: dict[tuple[bytes, bytes], Callable[[], bytes]] = {
            (b"GET", b"/calls"): self._seen,
            (b"GET", b"/recent"): self._recent,
            (b"GET", b"/foundation-models"): lambda: MODELS,
            (b"GET", b"/inference-profiles"): lambda: PROFILES,
        }
        if (method, path) in answers:
            write(transport, answers[method, path]())
        else:
            write(transport, b'{"message": "no such path"}', status=b"404 Not Found")

    def _note(self, operation: str, body: bytes) -> None:
        self.calls.setdefault(operation, body)
        self.recent.append((operation, body))

    def _from_table(self, operation: str, body: bytes, transport: asyncio.Transport) -> None:
        try:
            write(transport, self.dynamodb.answer(operation, body))
        except UnknownOperation:
            write(transport, b'{"__type": "UnknownOperationException"}', status=b"400 Bad Request")

    def _from_model(self, operation: str, model_id: str, body: bytes, transport: asyncio.Transport) -> None:
        self._note(operation, body)
        self.models[operation] = model_id
        self.model_calls += 1
        for kind, (status, error) in _REFUSALS.items():
            every = getattr(self.pace, kind)
            if every and self.model_calls % every == 0:
                write(transport, b'{"message": "scripted"}', status=status + b"\r\nx-amzn-ErrorType: " + error)
                return
        answer = partial(write, transport, CONVERSE)
        if operation == "converse-stream":
            answer = partial(stream, transport, self.pace)
        self._later(self.pace.latency, answer)

    def _later(self, seconds: float, answer: Callable[[], None]) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, answer)
        else:
            answer()

    def _seen(self) -> bytes:
        """Operations with the parameters of the first time, as botocore takes them."""
        names = {"converse": "Converse", "converse-stream": "ConverseStream"}
        seen: dict[str, Any] = {
            names.get(operation, operation): {
                **({"modelId": self.models[operation]} if operation in names else {}),
                **json.loads(body),
            }
            for operation, body in self.calls.items()
        }
        return json.dumps(seen).encode()

    def _recent(self) -> bytes:
        """Operations with their parameters in the order of the calls, since they were asked for last."""
        seen = [(operation, json.loads(body)) for operation, body in self.recent]
        self.recent.clear()
        return json.dumps(seen).encode()
