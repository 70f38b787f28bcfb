"""Sessions: the head item of each, and the lists of them."""

import datetime as dt
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from conversations.domain import Page, PendingTurn, Session, SessionSummary
from conversations.errors import SessionNotFound
from conversations.store import cursors, head_update
from conversations.store.head_update import WRITE_SECONDS
from conversations.store.states import state_at
from conversations.store.tables import ERASING, SESSION_KEY, OwnerIndex, SessionRow
from core.deadline import Deadline
from dynamodb_client.encoding import is_expired, moment, number, text
from dynamodb_client.faults import store_errors

# Pages of an index that hold nothing to be listed are passed over, this many of them in one request.
_MAX_QUERIES = 20


def get(session_id: str, *, owner: str, now: dt.datetime) -> Session:
    """The session. Raises SessionNotFound when it is not there, somebody else's, expired or being erased."""
    with store_errors():
        # Not a GetItem: DynamoDB filters, so somebody else's item takes as long to arrive as none.
        answer = SessionRow.table().query(
            session_id,
            range_key_condition=SessionRow.timestamp == SESSION_KEY,
            filter_condition=SessionRow.owner == owner,
            consistent_read=True,
        )
    items = answer["Items"]
    if not items or not is_readable(items[0], owner=owner, now=now):
        raise SessionNotFound
    return session_from_item(items[0])


def page_of_owner(owner: str, *, limit: int, cursor: str | None, now: dt.datetime) -> Page[SessionSummary]:
    """The owner's sessions, latest activity first. Raises InvalidCursor."""
    start = _start_key(owner, cursor) if cursor else None
    found: list[dict[str, Any]] = []
    for _ in range(_MAX_QUERIES):
        with store_errors():
            answer = SessionRow.table().query(
                owner,
                index_name=OwnerIndex.Meta.index_name,
                scan_index_forward=False,
                limit=limit + 1 - len(found),
                exclusive_start_key=start,
            )
        found += [item for item in answer["Items"] if _is_listed(item, now)]
        start = answer.get("LastEvaluatedKey")
        if len(found) > limit or not start:
            break
    rows = [_summary_from_item(item, now) for item in found[:limit]]
    if len(found) > limit:
        return Page(rows, _cursor(found[limit - 1]))
    return Page(rows, _cursor(start) if start else None)


def rename(session_id: str, *, owner: str, title: str, now: dt.datetime) -> Session:
    """Gives the session a title. Raises SessionNotFound."""
    actions: list[Action] = [SessionRow.title.set(title)]
    deadline = Deadline.after(WRITE_SECONDS)
    try:
        item = head_update.update(session_id, actions, is_readable_by(owner, int(now.timestamp())), deadline=deadline)
    except head_update.Refused as refused:
        raise SessionNotFound from refused
    return session_from_item(item)


def is_readable(item: dict[str, Any], *, owner: str, now: dt.datetime) -> bool:
    """Whether this caller may know of the session."""
    expired = is_expired(item, now)
    return text(item, "Owner") == owner and "ErasingSince" not in item and not expired


def is_readable_by(owner: str, epoch: int) -> Condition:
    """The same as `is_readable`, as the condition of a write; `epoch` is now, in seconds."""
    condition: Condition = (
        (SessionRow.owner == owner)
        & SessionRow.erasing_since.does_not_exist()
        & (SessionRow.expires_at.does_not_exist() | (SessionRow.expires_at > epoch))
    )
    return condition


def session_from_item(item: dict[str, Any]) -> Session:
    """The session as a value, from DynamoDB's own representation."""
    last = text(item, "LastTimestamp")
    return Session(
        session_id=text(item, "SessionId"),
        owner=text(item, "Owner"),
        title=text(item, "Title"),
        created_at=moment(text(item, "CreatedAt")),
        updated_at=moment(text(item, "UpdatedAt")),
        version=number(item, "Version"),
        message_count=number(item, "MessageCount"),
        system=text(item, "System"),
        last_timestamp=moment(last) if last else None,
        last_prompt_tokens=number(item, "LastPromptTokens"),
        last_prompt_estimate=number(item, "LastPromptEstimate"),
        pending=pending_from_item(item),
    )


def pending_from_item(item: dict[str, Any]) -> PendingTurn | None:
    """The message without an answer on a session's item; None when there is none."""
    held = item.get("PendingTurn", {}).get("M")
    if not held:
        return None
    return PendingTurn(
        turn_id=text(held, "TurnId"),
        message=text(held, "Message"),
        model_id=text(held, "ModelId"),
        started_at=moment(text(held, "StartedAt")),
        lease_until=moment(text(held, "LeaseUntil")),
        state="failed" if text(held, "State") == "failed" else "pending",
        error_code=text(held, "ErrorCode"),
        system=text(held, "System") if "System" in held else None,
        key=text(held, "Key"),
        fingerprint=text(held, "Fingerprint"),
        partial=text(held, "Partial"),
    )


def _summary_from_item(item: dict[str, Any], now: dt.datetime) -> SessionSummary:
    return SessionSummary(
        session_id=text(item, "SessionId"),
        title=text(item, "Title"),
        created_at=moment(text(item, "CreatedAt")),
        updated_at=moment(text(item, "UpdatedAt")),
        message_count=number(item, "MessageCount"),
        state=state_at(item, now),
    )


def _is_listed(item: dict[str, Any], now: dt.datetime) -> bool:
    """Whether the index's item is anybody's session: what expired or is being erased keeps its place for a while."""
    return text(item, "State") != ERASING and not is_expired(item, now)


def _cursor(item: dict[str, Any]) -> str:
    return cursors.write(text(item, "UpdatedAt"), text(item, "SessionId"))


def _start_key(owner: str, cursor: str) -> dict[str, Any]:
    updated_at, session_id = cursors.read(cursor, parts=2)
    return {
        "Owner": {"S": owner},
        "UpdatedAt": {"S": updated_at},
        "SessionId": {"S": session_id},
        "Timestamp": {"S": SESSION_KEY},
    }
