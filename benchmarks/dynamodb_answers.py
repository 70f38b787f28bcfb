"""What the upstream says as DynamoDB: every write succeeds, and a session is what its id says it is.

What is behind a session, its id says: `session_items.turns_behind`. Every owner has a page full of sessions and more.
"""

import json
import re
from collections import Counter
from functools import lru_cache
from typing import Any

from benchmarks.long_session import page
from benchmarks.session_items import Item, grows_by, head, idle_head, list_of_sessions, turns_behind

# Items of the sessions whose turns began last, for those who ask whether a turn is still the pending one.
_MOST_HELD = 4096
# `#0 = :0` and `#0 = if_not_exists (#0, :0)`; a path into a map is not matched.
_ASSIGNMENT = re.compile(r"(?<![\w.])(#\w+) = (?:(if_not_exists) ?\(#\w+, )?(:\w+)")
_EQUAL = re.compile(r"(#?\w+) = (:\w+)")
# So a process that holds a session asks for the turns since then: there is always one.
_BEHIND = " > "
# What an index gives to one who does not say how much he wants.
_PAGE = 50


class UnknownOperation(Exception):
    """An operation that no turn needs."""


class DynamoDB:
    """Answers requests; holds no more than the sessions begun last."""

    def __init__(self) -> None:
        self._held: dict[str, Item] = {}
        self._turns: Counter[str] = Counter()

    def answer(self, operation: str, body: bytes) -> bytes:
        """The answer's body. Raises UnknownOperation."""
        if operation in {"TransactWriteItems", "PutItem"}:  # not even parsed: that is not what is measured
            return b"{}"
        if operation == "UpdateItem":
            return self._update(json.loads(body))
        if operation == "Query":
            return self._query(json.loads(body))
        if operation == "GetItem":
            item = self._item(json.loads(body)["Key"])
            return json.dumps({"Item": item} if item else {}).encode()
        if operation == "BatchGetItem":
            return self._batch_get(json.loads(body))
        if operation == "DescribeTable":
            return b'{"Table": {"TableStatus": "ACTIVE"}}'
        raise UnknownOperation(operation)

    def _update(self, request: dict[str, Any]) -> bytes:
        session_id = request["Key"].get("SessionId", {}).get("S", "")
        written = _assigned(request)
        if "PendingTurn" in written:
            item = {**request["Key"], **written, **self._earlier(session_id)}
            self._hold(session_id, item)
        else:
            item = {**self._held.get(session_id, request["Key"]), **written}
        return json.dumps({"Attributes": item} if request.get("ReturnValues") == "ALL_NEW" else {}).encode()

    def _earlier(self, session_id: str) -> Item:
        turns = turns_behind(session_id)
        if not turns:
            return {}
        turns += self._turns[session_id]
        if growth := grows_by(session_id):
            self._turns[session_id] += growth
        return head(turns)

    def _query(self, request: dict[str, Any]) -> bytes:
        keys, limit = _keys(request), request.get("Limit")
        if "Owner" in keys:
            return list_of_sessions(keys["Owner"], limit or _PAGE)
        session_id = keys["SessionId"]
        if keys.get("Timestamp") == "#session":
            # The query filters by owner, and whoever asks is the one that it names.
            owner = next((value["S"] for name, value in _filtered(request).items() if name == "Owner"), "")
            item = self._held.get(session_id) or (idle_head(session_id, owner) if turns_behind(session_id) else None)
            return json.dumps({"Items": [item] if item else [], "Count": int(bool(item))}).encode()
        if not turns_behind(session_id):
            return b'{"Items": [], "Count": 0, "ScannedCount": 0}'
        return page(
            session_id,
            forward=request.get("ScanIndexForward", True),
            limit=limit,
            after=request.get("ExclusiveStartKey", {}).get("Timestamp", {}).get("S"),
            only=_projection(request),
            newest_turn=_BEHIND in request.get("KeyConditionExpression", ""),
        )

    def _hold(self, session_id: str, item: Item) -> None:
        self._held.pop(session_id, None)
        self._held[session_id] = item
        if len(self._held) > _MOST_HELD:
            del self._held[next(iter(self._held))]

    def _item(self, key: Item) -> Item | None:
        is_session = key.get("Timestamp", {}).get("S") == "#session"
        return self._held.get(key["SessionId"]["S"]) if is_session else None

    def _batch_get(self, request: dict[str, Any]) -> bytes:
        found = {
            table: [item for key in asked["Keys"] if (item := self._item(key))]
            for table, asked in request["RequestItems"].items()
        }
        return json.dumps({"Responses": found, "UnprocessedKeys": {}}).encode()


def _projection(request: dict[str, Any]) -> frozenset[str]:
    names = request.get("ExpressionAttributeNames", {})
    said = request.get("ProjectionExpression", "").split(",")
    return frozenset(names.get(name.strip(), name.strip()) for name in said if name.strip())


def _assigned(request: dict[str, Any]) -> Item:
    """What the update's SET gives the item."""
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    return {names[name]: values[value] for name, value in _assignments(request.get("UpdateExpression", ""))}


@lru_cache(maxsize=64)
def _assignments(expression: str) -> tuple[tuple[str, str], ...]:
    return tuple((match[1], match[3]) for match in _ASSIGNMENT.finditer(expression))


def _keys(request: dict[str, Any]) -> dict[str, str]:
    """The keys that a query's condition names, those that are given as one value."""
    return {name: value["S"] for name, value in _equal(request, "KeyConditionExpression").items()}


def _filtered(request: dict[str, Any]) -> Item:
    return _equal(request, "FilterExpression")


def _equal(request: dict[str, Any], expression: str) -> Item:
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    pairs = _EQUAL.findall(request.get(expression, ""))
    return {names.get(name, name): values[value] for name, value in pairs}
