"""Keys as staff see them, and ending one."""

from dataclasses import replace

import pytest

from access.keys import secret
from access.keys.errors import InvalidField, KeyNotFound
from access.keys.find_keys import find_key, list_keys
from access.keys.revoke_key import revoke_key

from .making import DAY, NOON, at, issue


def test_a_revoked_key_keeps_the_time_of_the_first_time(tables: None) -> None:
    key = issue(clock=at(NOON)).key

    assert revoke_key(key.key_id, clock=at(NOON + DAY)) == replace(key, revoked_at=NOON + DAY)
    assert revoke_key(key.key_id, clock=at(NOON + 2 * DAY)).revoked_at == NOON + DAY
    assert find_key(key.key_id).state(NOON + DAY) == "revoked"


def test_a_key_that_is_not_there_is_not_made_by_revoking_it(tables: None) -> None:
    with pytest.raises(KeyNotFound, match=f"There is no key {'0' * 14}"):
        revoke_key("0" * 14)

    assert list_keys().keys == []


def test_lists_page_by_page_newest_first(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(1_795_000_000, 1_795_000_100))
    monkeypatch.setattr("access.keys.secret.time.time", lambda: next(seconds))
    assert secret.new_key_id() < secret.new_key_id()
    made = [issue(owner=owner, clock=at(NOON)).key for owner in ("alice", "bob", "alice", "alice", "bob")]
    newest_first = made[::-1]

    first = list_keys(limit=3)
    second = list_keys(limit=3, cursor=first.next_cursor)
    assert (first.keys, second.keys, second.next_cursor) == (newest_first[:3], newest_first[3:], None)

    of_alice = [key for key in newest_first if key.owner == "alice"]
    first = list_keys(owner="alice", limit=2)
    second = list_keys(owner="alice", limit=2, cursor=first.next_cursor)
    assert (first.keys, second.keys, second.next_cursor) == (of_alice[:2], of_alice[2:], None)
    assert list_keys(owner="carol").keys == []


def test_keys_that_are_over_stay_in_the_list_as_what_they_are(tables: None) -> None:
    expired = issue(expires_at=NOON + DAY, clock=at(NOON)).key
    revoked = issue(clock=at(NOON)).key
    assert len(list_keys().keys) == 2
    revoke_key(revoked.key_id, clock=at(NOON))

    states = {key.key_id: key.state(NOON + DAY) for key in list_keys().keys}
    assert states == {expired.key_id: "expired", revoked.key_id: "revoked"}


def test_refuses_pages_that_nobody_gave_out(tables: None) -> None:
    for fields in ({"limit": 0}, {"limit": 100}, {"cursor": "next"}, {"cursor": ""}, {"owner": ""}):
        with pytest.raises(InvalidField) as refused:
            list_keys(**fields)
        assert refused.value.field == next(iter(fields))
