"""What the tables hold, read past the service, and the comparison with what must be true."""

from collections import Counter, defaultdict
from typing import Any

from django.conf import settings

from conversations.store.tables import RECEIPT_PREFIX, SESSION_KEY
from dynamodb_client.client import dynamodb_client
from dynamodb_client.encoding import number, text
from tests.scripted_bedrock import Tokens

from .expected import Exchange, Expected, Session

Item = dict[str, Any]
SUMS = ("InputTokens", "OutputTokens", "CacheReadTokens", "CacheWriteTokens", "CostNanoUsd")


class Partition:
    """All items of a session. `messages` are in their order."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.head = next((item for item in items if text(item, "Timestamp") == SESSION_KEY), None)
        keyed = sorted((text(item, "Timestamp"), item) for item in items if "Role" in item)
        self.messages = [item for _, item in keyed]
        self.receipts = {
            text(item, "Timestamp").removeprefix(RECEIPT_PREFIX): item for item in items if "AnswerTimestamp" in item
        }


class Stored:
    """The tables as they are now, and the messages as they were found first: they never change."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Session, list[Item]]] = {}
        self.partitions: dict[str, Partition] = {}

    def check(self, expected: Expected) -> None:
        """Everything that must be in the tables is there, exactly once, and nothing else."""
        self.partitions = _partitions()
        assert set(self.partitions) - set(expected.leftovers) == set(expected.sessions)
        for session_id in expected.leftovers:
            _check_leftover(self.partitions[session_id])
        for session_id, session in expected.sessions.items():
            self._check_session(self.partitions[session_id], session_id, session)
        ids = [text(item, "MessageId") for stored in self.partitions.values() for item in stored.messages]
        assert len(set(ids)) == len(ids)
        _check_ledger(expected)

    def _check_session(self, stored: Partition, session_id: str, session: Session) -> None:
        assert [(text(item, "Role"), text(item, "Content")) for item in stored.messages] == session.said
        known, messages = self._known.get(session_id, (session, []))
        if known is session:
            assert stored.messages[: len(messages)] == messages
        self._known[session_id] = session, stored.messages
        for exchange, answer in zip(session.exchanges, stored.messages[1::2], strict=True):
            _check_answer(exchange, answer)
        _check_head(stored, session)
        _check_receipts(stored, session)
        assert len(stored.items) == 1 + len(stored.messages) + len(stored.receipts)


def _check_leftover(stored: Partition) -> None:
    """Nothing that was said is left on the head, which is all that other requests look at."""
    assert stored.head is not None
    assert stored.head.keys() & {"PendingTurn", "Title", "System"} == set()


def _check_answer(exchange: Exchange, answer: Item) -> None:
    tokens = Tokens(*(number(answer, name) for name in SUMS[:4]))
    if exchange.tokens is None:
        assert tokens.input > 0
        assert tokens.output > 0
        exchange.tokens = tokens
    assert (tokens, text(answer, "StopReason")) == (exchange.tokens, exchange.stop_reason)
    assert number(answer, "CostNanoUsd") == cost(exchange)
    if exchange.told:
        assert exchange.told["message_id"] == text(answer, "MessageId")


def _check_head(stored: Partition, session: Session) -> None:
    head = stored.head
    assert head is not None
    assert (number(head, "Version"), number(head, "MessageCount")) == (len(session.exchanges), len(stored.messages))
    assert {name: number(head, name) for name in SUMS} == _sums(session.exchanges)
    assert text(head, "LastTimestamp") == (text(stored.messages[-1], "Timestamp") if stored.messages else "")
    held = head.get("PendingTurn", {}).get("M")
    turn = session.pending
    assert text(head, "State") == (turn.state if turn else "idle")
    assert (held is None) == (turn is None)
    if held and turn:
        names = ("Message", "Key", "State", "ErrorCode", "Partial")
        pending = (turn.request.message, turn.request.key, turn.state, turn.error_code or "", turn.partial or "")
        assert tuple(text(held, name) for name in names) == pending


def _check_receipts(stored: Partition, session: Session) -> None:
    places = {id(exchange): at for exchange, at in zip(session.exchanges, stored.messages[1::2], strict=True)}
    assert {key: (text(item, "AnswerTimestamp"), text(item, "TurnId")) for key, item in stored.receipts.items()} == {
        key: (text(answer, "Timestamp"), text(answer, "TurnId"))
        for key, receipt in session.receipts.items()
        for answer in [places[id(receipt.exchange)]]
    }


def _check_ledger(expected: Expected) -> None:
    booked: Counter[str] = Counter(dict.fromkeys((*SUMS, "Turns", "Errors"), 0))
    for item in _scan(settings.USAGE_TABLE):
        booked.update({name: number(item, name) for name in booked})
    assert booked == _sums(expected.answered) | {"Turns": len(expected.answered), "Errors": expected.failed}


def cost(exchange: Exchange) -> int:
    """In nano-dollars, at the prices of Nova Pro."""
    tokens = exchange.tokens
    assert tokens is not None
    return 800 * tokens.input + 3_200 * tokens.output + 200 * (tokens.cache_read or 0) + 800 * (tokens.cache_write or 0)


def _sums(exchanges: list[Exchange]) -> dict[str, int]:
    sums = dict.fromkeys(SUMS, 0)
    for exchange in exchanges:
        tokens = exchange.tokens
        assert tokens is not None
        counts = (tokens.input, tokens.output, tokens.cache_read or 0, tokens.cache_write or 0, cost(exchange))
        for name, one in zip(SUMS, counts, strict=True):
            sums[name] += one
    return sums


def _partitions() -> dict[str, Partition]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in _scan(settings.CONVERSATIONS_TABLE):
        found[text(item, "SessionId")].append(item)
    return {session_id: Partition(items) for session_id, items in found.items()}


def _scan(table: str) -> list[Item]:
    answer = dynamodb_client().scan(TableName=table, ConsistentRead=True)
    assert "LastEvaluatedKey" not in answer
    items: list[Item] = answer["Items"]
    return items
