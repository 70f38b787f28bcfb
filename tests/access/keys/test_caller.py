"""From a secret to its caller."""

import datetime as dt
from decimal import Decimal

import pytest

from access.callers import Caller
from access.errors import InvalidCredentials
from access.keys import caller_of
from access.keys.caller import caller_of as caller_at
from access.keys.key_cache import KeyCache
from access.keys.revoke_key import revoke_key
from access.keys.rotate_key import rotate_key
from access.keys.secret import new_secret
from access.scopes import ALL_SCOPES, Scope
from access.store.tables import ApiKeyRow
from dynamodb_client.errors import StoreUnavailable
from tests.access.clock import Clock
from tests.faulty_dynamodb import FaultyDynamoDB

from .making import DAY, NOON, at, issue


def nothing() -> None:
    """Nobody is refused."""


def reason(secret: str) -> str:
    with pytest.raises(InvalidCredentials) as refused:
        caller_of(secret, before_look_up=nothing)
    assert secret not in str(refused.value)
    return str(refused.value)


def test_a_key_is_its_owner_with_its_rights(tables: None) -> None:
    issued = issue(scopes=["chat"], rate_limit="5/minute", monthly_budget_usd=Decimal(3))

    assert caller_of(issued.secret, before_look_up=nothing) == Caller(
        owner="alice",
        scopes=frozenset({Scope.CHAT}),
        rate_limit="5/minute",
        monthly_budget_nano_usd=3_000_000_000,
        credential_id=issued.key.key_id,
    )


def test_refuses_what_is_no_good_key_and_says_why_to_the_log(tables: None) -> None:
    revoked, expired = issue(), issue(expires_at=NOON - DAY, clock=at(NOON - 2 * DAY))
    revoke_key(revoked.key.key_id)

    assert reason(revoked.secret) == f"API key {revoked.key.key_id} is revoked"
    assert reason(expired.secret) == f"API key {expired.key.key_id} is expired"
    assert reason(new_secret()) == "there is no such API key"
    for malformed in ("cb_", "cb_" + "x" * 42, "cb_" + "x" * 44, "cb_" + "é" * 43, new_secret() + "\n", "cb_" * 5000):
        assert reason(malformed) == "the API key is malformed"


def test_a_known_key_expires_to_the_second(tables: None) -> None:
    issued = issue(expires_at=NOON + DAY, clock=at(NOON))
    cache = KeyCache()

    def ask(moment: dt.datetime) -> str:
        return caller_at(issued.secret, before_look_up=nothing, cache=cache, clock=at(moment)).owner

    assert ask(NOON + DAY - dt.timedelta(microseconds=1)) == "alice"
    with pytest.raises(InvalidCredentials):
        ask(NOON + DAY)


def test_a_revoked_key_that_is_known_ends_within_thirty_seconds(tables: None, clock: Clock) -> None:
    issued = issue()
    cache = KeyCache(clock=clock)
    assert caller_at(issued.secret, before_look_up=nothing, cache=cache).owner == "alice"
    revoke_key(issued.key.key_id)
    clock.go(30)
    with pytest.raises(InvalidCredentials):
        caller_at(issued.secret, before_look_up=nothing, cache=cache)


def test_both_keys_of_a_rotation_are_good_while_they_overlap(tables: None) -> None:
    old = issue()
    new = rotate_key(old.key.key_id)
    later = at(new.key.created_at + dt.timedelta(hours=24))

    assert caller_of(old.secret, before_look_up=nothing).owner == "alice"
    assert caller_of(new.secret, before_look_up=nothing).owner == "alice"
    assert caller_at(new.secret, before_look_up=nothing, clock=later).owner == "alice"
    with pytest.raises(InvalidCredentials, match="is expired"):
        caller_at(old.secret, before_look_up=nothing, clock=later)


def test_a_scope_of_a_newer_release_is_no_scope_here(tables: None) -> None:
    issued = issue()
    ApiKeyRow(issued.key.key_hash).update(actions=[ApiKeyRow.scopes.set({"chat", "admin"})])

    assert caller_of(issued.secret, before_look_up=nothing).scopes == {Scope.CHAT} < ALL_SCOPES


@pytest.mark.parametrize("kind", ["throttle", "server_error", "reset", "hang"])
def test_nobody_is_let_in_while_dynamodb_is_away(dynamodb: FaultyDynamoDB, kind: str, clock: Clock) -> None:
    issued, cache = issue(), KeyCache(clock=clock)
    assert caller_at(issued.secret, before_look_up=nothing, cache=cache).owner == "alice"
    clock.go(31)
    dynamodb.fault(kind, "GetItem", times=None)  # type: ignore[arg-type]  # one of its words
    with pytest.raises(StoreUnavailable):
        caller_at(issued.secret, before_look_up=nothing, cache=cache)
    dynamodb.recover()
    assert caller_at(issued.secret, before_look_up=nothing, cache=cache).owner == "alice"


def test_the_table_is_read_consistently_once(dynamodb: FaultyDynamoDB) -> None:
    issued = issue()
    for _ in range(3):
        caller_of(issued.secret, before_look_up=nothing)
    (asked,) = dynamodb.of("GetItem")
    assert asked.body["ConsistentRead"] is True
    assert asked.body["Key"] == {"KeyHash": {"S": issued.key.key_hash}}
