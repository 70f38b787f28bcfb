"""API keys: each by its hash or public id, and the lists of them."""

import datetime as dt
import uuid
from typing import Any

from pynamodb.constants import ALL_NEW, ITEM
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from access.api_key import ApiKey
from access.scopes import ALL_SCOPES, Scope
from access.store.tables import LISTING, ApiKeyRow, ListIndex, OwnerIndex
from core.deadline import Deadline
from dynamodb_client.encoding import moment, number, stamp, text
from dynamodb_client.errors import StoreUnavailable
from dynamodb_client.faults import CONDITION_FAILED, TRANSACTION_CANCELLED, error_code, store_errors
from dynamodb_client.retrying import through_conflicts

WRITE_SECONDS = 5
# DynamoDB's largest batch, with one to see whether more follow.
MAX_PAGE = 99
_MAX_BATCHES = 5


def get(key_hash: str) -> ApiKey | None:
    """The key as it stands now. Raises StoreUnavailable."""
    with store_errors():
        item = ApiKeyRow.table().get_item(key_hash, consistent_read=True).get(ITEM)
    return _from_item(item) if item else None


def find(key_id: str) -> ApiKey | None:
    """The key with this public id. Raises StoreUnavailable."""
    hashes = _hashes(LISTING, ListIndex.Meta.index_name, ApiKeyRow.key_id == key_id, limit=1)
    return get(hashes[0]) if hashes else None


def page(*, owner: str | None, limit: int, before: str | None) -> list[ApiKey]:
    """Keys of this owner, or of everybody, newest first and older than the key id `before`. Raises StoreUnavailable."""
    condition = ApiKeyRow.key_id < before if before else None
    if owner is None:
        hashes = _hashes(LISTING, ListIndex.Meta.index_name, condition, limit=limit)
    else:
        hashes = _hashes(owner, OwnerIndex.Meta.index_name, condition, limit=limit)
    found = _get_all(hashes)
    return [found[key_hash] for key_hash in hashes if key_hash in found]


def put(key: ApiKey) -> None:
    """Stores a new key. Raises StoreUnavailable."""
    through_conflicts(lambda: _row(key).save(), deadline=Deadline.after(WRITE_SECONDS))


def revoke(key: ApiKey, *, now: dt.datetime) -> ApiKey:
    """The key, from now on revoked; one that was revoked before keeps its time. Raises StoreUnavailable."""
    return _from_item(_update(key, [ApiKeyRow.revoked_at.set(ApiKeyRow.revoked_at | stamp(now))], _is_there()))


def rotate(old: ApiKey, new: ApiKey, *, expires_at: dt.datetime) -> bool:
    """Stores `new` and lets `old` expire, both or neither; False when `old` was rotated or revoked meanwhile."""
    condition = _is_there() & ApiKeyRow.rotated_to.does_not_exist() & ApiKeyRow.revoked_at.does_not_exist()
    actions: list[Action] = [
        ApiKeyRow.rotated_to.set(new.key_id),
        ApiKeyRow.expires_at.set(int(expires_at.timestamp())),
    ]
    puts = [_row(new).get_save_kwargs_from_instance()]
    updates = [ApiKeyRow(old.key_hash).get_update_kwargs_from_instance(actions=actions, condition=condition)]
    connection, token, deadline = ApiKeyRow.table().connection, uuid.uuid4().hex, Deadline.after(WRITE_SECONDS)
    try:
        through_conflicts(
            lambda: connection.transact_write_items([], [], puts, updates, client_request_token=token),
            deadline=deadline,
            outages_until=deadline,
        )
    except PynamoDBException as error:
        if error_code(error) != TRANSACTION_CANCELLED:
            raise
        return False
    return True


def note_use(key: ApiKey, *, now: dt.datetime, every: dt.timedelta) -> None:
    """Notes when the key was used, unless somebody did so within `every` before. Raises StoreUnavailable."""
    not_noted = ApiKeyRow.last_used_at.does_not_exist() | (ApiKeyRow.last_used_at < stamp(now - every))
    try:
        _update(key, [ApiKeyRow.last_used_at.set(stamp(now))], _is_there() & not_noted)
    except PynamoDBException as error:
        if error_code(error) != CONDITION_FAILED:
            raise


def _hashes(partition: str, index: str, condition: Condition | None, *, limit: int) -> list[str]:
    with store_errors():
        answer = ApiKeyRow.table().query(
            partition, index_name=index, range_key_condition=condition, scan_index_forward=False, limit=limit
        )
    return [text(item, "KeyHash") for item in answer["Items"]]


def _get_all(hashes: list[str]) -> dict[str, ApiKey]:
    found: dict[str, ApiKey] = {}
    unread: list[dict[str, Any]] = [{"KeyHash": key_hash} for key_hash in hashes]
    name = ApiKeyRow.Meta.table_name
    for _ in range(_MAX_BATCHES):
        if not unread:
            return found
        with store_errors():
            answer = ApiKeyRow.table().batch_get_item(unread, consistent_read=True)  # type: ignore[arg-type]  # as in
            # PynamoDB's own models: keys are maps, whatever its signature says
        found |= {text(item, "KeyHash"): _from_item(item) for item in answer["Responses"][name]}
        left = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
        unread = [{"KeyHash": text(key, "KeyHash")} for key in left]
    raise StoreUnavailable("keys are left unread")


def _is_there() -> Condition:
    return ApiKeyRow.key_id.exists()


def _update(key: ApiKey, actions: list[Action], condition: Condition) -> dict[str, Any]:
    table = ApiKeyRow.table()
    answer = through_conflicts(
        lambda: table.update_item(key.key_hash, actions=actions, condition=condition, return_values=ALL_NEW),
        deadline=Deadline.after(WRITE_SECONDS),
    )
    item: dict[str, Any] = answer["Attributes"]
    return item


def _row(key: ApiKey) -> ApiKeyRow:
    return ApiKeyRow(
        key.key_hash,
        key_id=key.key_id,
        owner=key.owner,
        name=key.name,
        scopes={str(scope) for scope in key.scopes},
        created_at=stamp(key.created_at),
        expires_at=int(key.expires_at.timestamp()) if key.expires_at else None,
        rate_limit=key.rate_limit,
        monthly_budget_nano_usd=key.monthly_budget_nano_usd,
        first_key_id=key.first_key_id or None,
    )


def _from_item(item: dict[str, Any]) -> ApiKey:
    """The key from DynamoDB's own representation. A scope that a newer release knows is left out here."""
    last_used, revoked = text(item, "LastUsedAt"), text(item, "RevokedAt")
    expires = number(item, "ExpiresAt") if "ExpiresAt" in item else None
    return ApiKey(
        key_id=text(item, "KeyId"),
        key_hash=text(item, "KeyHash"),
        owner=text(item, "Owner"),
        name=text(item, "Name"),
        scopes=frozenset(Scope(name) for name in item.get("Scopes", {}).get("SS", []) if name in ALL_SCOPES),
        created_at=moment(text(item, "CreatedAt")),
        expires_at=dt.datetime.fromtimestamp(expires, dt.UTC) if expires is not None else None,
        rate_limit=text(item, "RateLimit") or None,
        monthly_budget_nano_usd=number(item, "MonthlyBudgetNanoUsd") if "MonthlyBudgetNanoUsd" in item else None,
        last_used_at=moment(last_used) if last_used else None,
        revoked_at=moment(revoked) if revoked else None,
        rotated_to=text(item, "RotatedTo") or None,
        first_key_id=text(item, "FirstKeyId"),
    )
