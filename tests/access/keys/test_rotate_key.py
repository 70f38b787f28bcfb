"""A new key in the place of one in use."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from access.keys import caller_of
from access.keys.create_key import IssuedKey
from access.keys.errors import InvalidField, KeyNotActive, KeyNotFound
from access.keys.find_keys import find_key
from access.keys.revoke_key import revoke_key
from access.keys.rotate_key import rotate_key
from tests.faulty_dynamodb import FaultyDynamoDB

from .making import DAY, NOON, at, issue, stored


def test_the_new_key_has_the_same_rights_and_lives_as_long(tables: None) -> None:
    old = issue(
        scopes=["chat"],
        expires_at=NOON + 90 * DAY,
        rate_limit="5/minute",
        monthly_budget_usd=Decimal(3),
        clock=at(NOON),
    ).key

    issued = rotate_key(old.key_id, clock=at(NOON + 80 * DAY))

    new = find_key(issued.key.key_id)
    assert new == issued.key
    assert new == replace(
        old,
        key_id=new.key_id,
        key_hash=new.key_hash,
        created_at=NOON + 80 * DAY,
        expires_at=NOON + 170 * DAY,
        first_key_id=old.key_id,
    )
    assert new.key_hash != old.key_hash
    assert find_key(old.key_id) == replace(old, expires_at=NOON + 81 * DAY, rotated_to=new.key_id)


def test_rates_and_budgets_of_its_own_go_on_in_the_new_key(tables: None) -> None:
    first = issue()
    second = rotate_key(first.key.key_id)
    third = rotate_key(second.key.key_id)
    ids = {caller_of(issued.secret, before_look_up=lambda: None).credential_id for issued in (first, second, third)}
    assert ids == {first.key.key_id}


def test_the_old_key_never_lives_longer_for_it(tables: None) -> None:
    old = issue(expires_at=NOON + dt.timedelta(hours=1), clock=at(NOON)).key

    rotate_key(old.key_id, clock=at(NOON))

    assert find_key(old.key_id).expires_at == NOON + dt.timedelta(hours=1)


def test_without_an_overlap_the_old_key_ends_at_once(tables: None) -> None:
    old = issue(clock=at(NOON)).key

    rotate_key(old.key_id, overlap=dt.timedelta(0), clock=at(NOON + DAY))

    assert find_key(old.key_id).state(NOON + DAY) == "expired"


def test_refuses_a_key_that_is_over_and_changes_nothing(tables: None) -> None:
    expired = issue(expires_at=NOON + DAY, clock=at(NOON)).key
    revoked = revoke_key(issue(clock=at(NOON)).key.key_id, clock=at(NOON))
    rotated = issue(clock=at(NOON)).key
    follower = rotate_key(rotated.key_id, clock=at(NOON)).key
    before = stored()

    for key, said in [
        (expired, f"Key {expired.key_id} is expired: create a new one."),
        (revoked, f"Key {revoked.key_id} is revoked: create a new one."),
        (rotated, f"Key {rotated.key_id} was rotated to {follower.key_id} already."),
    ]:
        with pytest.raises(KeyNotActive, match=said):
            rotate_key(key.key_id, clock=at(NOON + DAY))
    for unknown in ("0" * 14, "", "x", "No key!"):
        with pytest.raises(KeyNotFound):
            rotate_key(unknown)
    for overlap in (dt.timedelta(seconds=-1), dt.timedelta(days=91)):
        with pytest.raises(InvalidField):
            rotate_key(follower.key_id, overlap=overlap)
    assert stored() == before


def test_of_two_at_once_one_is_refused_and_leaves_no_key(tables: None) -> None:
    old = issue().key

    def attempt(_: int) -> IssuedKey | None:
        try:
            return rotate_key(old.key_id)
        except KeyNotActive:
            return None

    with ThreadPoolExecutor(8) as pool:
        issued = [done for done in pool.map(attempt, range(8)) if done]

    assert len(issued) == 1
    assert find_key(old.key_id).rotated_to == issued[0].key.key_id
    assert {item["KeyId"]["S"] for item in stored()} == {old.key_id, issued[0].key.key_id}


def test_a_transaction_whose_answer_is_lost_is_not_a_second_key(dynamodb: FaultyDynamoDB) -> None:
    old = issue().key
    dynamodb.fault("applied_reset", "TransactWriteItems")

    issued = rotate_key(old.key_id)

    assert find_key(old.key_id).rotated_to == issued.key.key_id
    assert len(stored()) == 2
