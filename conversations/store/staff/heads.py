"""Heads of sessions, whoever they belong to."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pynamodb.constants import ITEM

from conversations.domain import PendingTurn, Session
from conversations.errors import SessionNotFound
from conversations.store.sessions import is_readable, pending_from_item, session_from_item
from conversations.store.staff.records import MAX_ID_CHARS, Position, SessionRecord, record_from_item
from conversations.store.tables import LISTED, SESSION_KEY, SessionRow
from dynamodb_client.encoding import moment, number, text
from dynamodb_client.errors import StoreUnavailable
from dynamodb_client.faults import RETRY_AFTER_SECONDS, store_errors

# DynamoDB's largest batch; it hands back what it had no room for, which is then asked for again.
BATCH = 100
_TRIES = 5
_LISTED = ["SessionId", "UpdatedAt", "ErasingSince", *LISTED]
_ERASING = ["SessionId", "Owner", "MessageCount", "ErasingSince"]
_PENDING = [f"PendingTurn.{name}" for name in ("TurnId", "ModelId", "StartedAt", "LeaseUntil", "State")]


@dataclass(frozen=True, slots=True)
class Head:
    """A session with its sums."""

    session: Session
    record: SessionRecord


@dataclass(frozen=True, slots=True)
class Erasing:
    """A session that is being erased since a moment; it had so many messages then."""

    session_id: str
    owner: str
    message_count: int
    since: dt.datetime


def get(session_id: str, *, now: dt.datetime) -> Head:
    """Anybody's session. Raises SessionNotFound when it is not there, expired or being erased; StoreUnavailable."""
    item = _item(session_id)
    if not is_readable(item, owner=text(item, "Owner"), now=now):
        raise SessionNotFound
    return _head(item, now)


def get_erasable(session_id: str, *, now: dt.datetime) -> Head:
    """The same, but expired sessions and those whose erasing broke off are found too."""
    return _head(_item(session_id), now)


def _item(session_id: str) -> dict[str, Any]:
    if len(session_id) > MAX_ID_CHARS:  # no session has such an id, and DynamoDB takes no key of any length
        raise SessionNotFound
    with store_errors():
        item: dict[str, Any] | None = (
            SessionRow.table().get_item(session_id, SESSION_KEY, consistent_read=True).get(ITEM)
        )
    if item is None:
        raise SessionNotFound
    return item


def _head(item: dict[str, Any], now: dt.datetime) -> Head:
    return Head(session_from_item(item), record_from_item(item, now=now))


def records(places: Mapping[str, Position], *, owner: str, now: dt.datetime) -> dict[str, SessionRecord]:
    """The owner's sessions of these ids; those that are gone by now are left out. Raises StoreUnavailable."""
    return {
        text(item, "SessionId"): record_from_item(item, now=now, position=places[text(item, "SessionId")])
        for item in _read(list(places), _LISTED)
        if is_readable(item, owner=owner, now=now)
    }


def listed(session_ids: list[str], *, now: dt.datetime) -> list[SessionRecord]:
    """Anybody's sessions of these ids, in any order, without those that are gone. Raises StoreUnavailable."""
    return [
        record_from_item(item, now=now)
        for item in _read(session_ids, _LISTED)
        if is_readable(item, owner=text(item, "Owner"), now=now)
    ]


def pending_turns(session_ids: list[str]) -> dict[str, PendingTurn]:
    """The pending turns of these sessions, without what is said in them. Raises StoreUnavailable."""
    turns = {text(item, "SessionId"): pending_from_item(item) for item in _read(session_ids, ["SessionId", *_PENDING])}
    return {session_id: turn for session_id, turn in turns.items() if turn is not None}


def being_erased(session_ids: list[str]) -> list[Erasing]:
    """Those of these sessions that are being erased, in any order. Raises StoreUnavailable."""
    return [
        Erasing(
            session_id=text(item, "SessionId"),
            owner=text(item, "Owner"),
            message_count=number(item, "MessageCount"),
            since=moment(text(item, "ErasingSince")),
        )
        for item in _read(session_ids, _ERASING)
        if "ErasingSince" in item
    ]


def _read(session_ids: list[str], attributes: list[str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for first in range(0, len(session_ids), BATCH):
        items += _batch(session_ids[first : first + BATCH], attributes)
    return items


def _batch(session_ids: list[str], attributes: list[str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    name = SessionRow.Meta.table_name
    for _ in range(_TRIES):
        with store_errors():
            answer = SessionRow.table().batch_get_item(
                [{"SessionId": session_id, "Timestamp": SESSION_KEY} for session_id in session_ids],  # type: ignore[misc]  # PynamoDB's own type is too narrow
                attributes_to_get=attributes,
            )
        items += answer["Responses"][name]
        left = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
        session_ids = [text(key, "SessionId") for key in left]
        if not session_ids:
            return items
    raise StoreUnavailable("unprocessed keys", retry_after=RETRY_AFTER_SECONDS)
