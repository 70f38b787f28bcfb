"""Rotating and revoking."""

import datetime as dt

import pytest
from django.test import Client
from pytest_django import Settings

from access.keys.find_keys import find_key, list_keys
from access.keys.revoke_key import revoke_key
from access.keys.secret import hash_of
from tests.access.keys.making import DAY, at, issue, stored
from tests.faulty_dynamodb import FaultyDynamoDB

from .conftest import KEYS, SignIn
from .reading import errors, page, secrets_in, trail, words

HOURS = {"overlap_hours": "24"}


@pytest.fixture
def key_id(tables: None) -> str:
    """A key of Alice's."""
    return issue().key.key_id


def rotate(key_id: str) -> str:
    return f"{KEYS}{key_id}/rotate/"


def revoke(key_id: str) -> str:
    return f"{KEYS}{key_id}/revoke/"


def test_rotating_shows_the_secret_of_a_new_key_once(operator: Client, key_id: str) -> None:
    answer = operator.post(rotate(key_id), {"overlap_hours": "1", "reason": "leaked"}, REMOTE_ADDR="192.0.2.9")

    html = answer.content.decode()
    (secret,) = secrets_in(html)
    old = find_key(key_id)
    new = find_key(old.rotated_to or "")
    assert (answer.status_code, "no-store" in answer["Cache-Control"], new.key_hash) == (200, True, hash_of(secret))
    assert old.expires_at is not None
    assert dt.timedelta(minutes=59) < old.expires_at - new.created_at <= dt.timedelta(hours=1)
    assert f"{KEYS}{key_id}/change/" in html
    assert trail() == [
        {
            "user": "operator",
            "key": key_id,
            "shown": key_id,
            "action": "rotate_key",
            "reason": "leaked",
            "address": "192.0.2.9",
            "owner": "alice",
            "overlap_hours": 1,
            "rotated_to": new.key_id,
        }
    ]
    assert secret not in str(trail()) + page(operator, KEYS) + page(operator, f"{KEYS}{new.key_id}/change/")


def test_rotating_sent_again_makes_no_third_key(operator: Client, key_id: str) -> None:
    operator.post(rotate(key_id), HOURS)

    again = operator.post(rotate(key_id), HOURS)

    assert (again.status_code, secrets_in(again.content.decode())) == (409, [])
    assert (len(stored()), len(trail())) == (2, 1)


@pytest.mark.parametrize(
    ("hours", "error"),
    [
        ("", "This field is required."),
        ("-1", "Ensure this value is greater than or equal to 0."),
        ("2161", "Ensure this value is less than or equal to 2160."),
        ("1.5", "Enter a whole number."),
    ],
)
def test_an_overlap_that_cannot_be_is_refused_at_its_field(
    operator: Client, key_id: str, hours: str, error: str
) -> None:
    answer = operator.post(rotate(key_id), {"overlap_hours": hours})
    assert (answer.status_code, errors(answer.content.decode())) == (400, {"overlap_hours": [error]})
    assert (len(stored()), trail()) == (1, [])


def test_what_is_not_active_is_not_rotated(operator: Client, key_id: str) -> None:
    revoke_key(key_id)
    long_ago = dt.datetime.now(dt.UTC) - 2 * DAY
    expired = issue(expires_at=long_ago + DAY, clock=at(long_ago)).key.key_id
    for each, state in ((key_id, "revoked"), (expired, "expired")):
        for answer in (operator.get(rotate(each)), operator.post(rotate(each), HOURS)):
            assert (answer.status_code, f"is {state}" in words(answer.content.decode())) == (409, True)
        assert "/rotate/" not in page(operator, f"{KEYS}{each}/change/")
    assert (len(stored()), trail()) == (2, [])


def test_revoking_asks_first_and_ends_the_key(operator: Client, key_id: str) -> None:
    assert "nobody can bring it back" in page(operator, revoke(key_id))
    assert list_keys().keys[0].revoked_at is None

    answer = operator.post(revoke(key_id), {"reason": "left"}, REMOTE_ADDR="192.0.2.9", follow=True)

    html = answer.content.decode()
    assert find_key(key_id).revoked_at is not None
    assert f"Key {key_id} is revoked; within 30 seconds nobody gets in with it." in html
    assert "/revoke/" not in html
    assert trail() == [
        {
            "user": "operator",
            "key": key_id,
            "shown": key_id,
            "action": "revoke_key",
            "reason": "left",
            "address": "192.0.2.9",
            "owner": "alice",
        }
    ]


def test_revoking_again_changes_nothing(operator: Client, key_id: str) -> None:
    operator.post(revoke(key_id))
    first = stored()

    assert operator.post(revoke(key_id)).status_code == 302
    assert "is revoked already" in operator.get(revoke(key_id), follow=True).content.decode()
    assert (stored(), len(trail())) == (first, 1)


@pytest.mark.parametrize(("name", "form"), [("rotate", HOURS), ("revoke", {})])
def test_a_reason_is_asked_for_where_the_setting_says_so(
    operator: Client, key_id: str, settings: Settings, name: str, form: dict[str, str]
) -> None:
    settings.STAFF_REASON_REQUIRED = [f"{name}_key"]
    before = stored()
    answer = operator.post(f"{KEYS}{key_id}/{name}/", form)
    assert (answer.status_code, errors(answer.content.decode())) == (400, {"reason": ["This field is required."]})
    assert (stored(), trail()) == (before, [])


@pytest.mark.parametrize(("name", "operation"), [("rotate", "TransactWriteItems"), ("revoke", "UpdateItem")])
def test_with_dynamodb_away_says_that_it_may_have_been_done(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, key_id: str, name: str, operation: str
) -> None:
    dynamodb.fault("reset", operation, times=None)  # type: ignore[arg-type]  # one of the operations
    answer = sign_in("Operator").post(f"{KEYS}{key_id}/{name}/", HOURS)
    html = answer.content.decode()
    assert (answer.status_code, "may have been done all the same" in html, secrets_in(html)) == (503, True, [])
    assert [(entry["action"], entry["key"], entry["outcome"], entry["why"]) for entry in trail()] == [
        (f"{name}_key", key_id, "uncertain", "store_unavailable")
    ]
