"""The list of keys, and the page of one."""

import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from access.api_key import ApiKey
from access.keys.revoke_key import revoke_key
from access.keys.rotate_key import rotate_key
from access.store import api_keys
from tests.access.keys.making import DAY, at, issue
from tests.faulty_dynamodb import FaultyDynamoDB

from .conftest import KEYS, SignIn
from .reading import cells, facts, listed, page

NOW = dt.datetime.now(dt.UTC)


def key(name: str, owner: str = "alice") -> ApiKey:
    return issue(name=name, owner=owner).key


def expired(name: str) -> ApiKey:
    return issue(name=name, expires_at=NOW - DAY, clock=at(NOW - 2 * DAY)).key


def test_without_keys_says_so(operator: Client) -> None:
    html = page(operator, KEYS)
    assert listed(html) == []
    assert "There are no keys here." in html


def test_shows_every_state_as_it_is(operator: Client) -> None:
    key("a")
    expired("b")
    revoke_key(key("c").key_id)
    rotate_key(key("d").key_id, overlap=dt.timedelta(0))
    rotate_key(key("e").key_id, overlap=DAY)
    revoked_in_overlap = key("f")
    rotate_key(revoked_in_overlap.key_id, overlap=DAY)
    revoke_key(revoked_in_overlap.key_id)

    html = page(operator, KEYS)

    assert sorted(zip(listed(html), cells(html, "state"), strict=True)) == [
        ("a", "active"),
        ("b", "expired"),
        ("c", "revoked"),
        ("d", "active"),
        ("d", "rotated"),
        ("e", "active"),
        ("e", "rotated still valid"),
        ("f", "active"),
        ("f", "revoked"),
    ]


def test_shows_what_a_key_is_and_what_it_may(operator: Client, settings: Settings) -> None:
    settings.RATE_LIMIT, settings.MONTHLY_BUDGET_USD = "60/minute", None
    made = issue(scopes=["models", "chat"], rate_limit="5/second", monthly_budget_usd=Decimal("12.5"))
    used = dt.datetime(2126, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    api_keys.note_use(made.key, now=used, every=DAY)

    html = page(operator, KEYS)

    fields = ("key_id", "owner", "last_used", "expires", "scopes", "rate_limit", "monthly_budget")
    assert [cells(html, field) for field in fields] == [
        [made.key.key_id],
        ["alice"],
        ["2126-01-02 03:04:05 UTC"],
        ["never"],
        ["chat, models"],
        ["5/second"],
        ["12.50 USD"],
    ]


def test_one_key_shows_everything_but_its_secret(operator: Client, settings: Settings) -> None:
    settings.RATE_LIMIT, settings.MONTHLY_BUDGET_USD = "60/minute", Decimal(100)
    made = issue(name="<b>shop</b>", scopes=["chat"], expires_at=dt.datetime(2126, 1, 2, tzinfo=dt.UTC))

    html = page(operator, f"{KEYS}{made.key.key_id}/change/")

    assert facts(html) == {
        "Name": "<b>shop</b>",
        "Owner": "alice: all keys of this owner",
        "Key id": made.key.key_id,
        "State": "active",
        "Scopes": "chat",
        "Rate limit": "default: 60/minute",
        "Monthly budget": "default: 100.00 USD",
        "Created": f"{made.key.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "Last used": "never",
        "Expires": "2126-01-02 00:00:00 UTC",
    }
    assert "<b>shop" not in html
    assert made.secret not in html
    assert made.key.key_hash not in html


def test_a_rotated_key_leads_to_the_next_and_back_to_the_first(operator: Client) -> None:
    first = key("a")
    second = rotate_key(first.key_id).key

    assert facts(page(operator, f"{KEYS}{first.key_id}/change/"))["Rotated to"] == second.key_id
    assert facts(page(operator, f"{KEYS}{second.key_id}/change/"))["First key"] == first.key_id


def test_an_owner_is_found_exactly_and_a_key_by_its_id(operator: Client) -> None:
    wanted = key("a", "alice")
    key("b", "alice2")
    key("c", "bob")

    assert listed(page(operator, f"{KEYS}?q=alice")) == ["a"]
    assert listed(page(operator, f"{KEYS}?q={wanted.key_id}")) == ["a"]
    for nobody in ("ali", "nobody", "two words", "anonymous", "\u00e4", "x" * 300):
        html = page(operator, f"{KEYS}?q={nobody}")
        assert (listed(html), "No key has this owner or id." in html) == ([], True)


def test_pages_follow_each_other_newest_first(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(2_000_000_000, 2_000_001_000))
    monkeypatch.setattr("access.keys.secret.time.time", lambda: next(seconds))
    names = [f"{number:03}" for number in range(120)]
    for name in names:
        key(name, owner="alice" if int(name) % 2 else "bob")

    for address, expected in ((KEYS, names), (f"{KEYS}?q=alice", names[1::2])):
        assert walked(operator, address) == expected[::-1]


def walked(client: Client, address: str) -> list[str]:
    """The names on all pages from this one on; each later page leads back to the first."""
    first, found = address, []
    for _ in range(10):
        html = page(client, address)
        found += listed(html)
        newest = re.search(r'<a href="([^"]*)">&laquo; Newest', html)
        assert (newest and (KEYS + unescape(newest[1])).rstrip("?")) == (None if address == first else first)
        older = re.search(r'<a href="([^"]*)" rel="next">', html)
        if not older:
            return found
        address = KEYS + unescape(older[1])
    pytest.fail("the pages do not end")


def test_a_cursor_that_no_list_gave_out_is_refused(operator: Client) -> None:
    answer = operator.get(f"{KEYS}?cursor=x")
    assert (answer.status_code, "Begin at the list." in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("key_id", ["00000000000000", "x", "..", "%00"])
def test_a_key_that_is_not_there_is_not_found(operator: Client, key_id: str) -> None:
    for name in ("change", "rotate", "revoke"):
        answer = operator.get(f"{KEYS}{key_id}/{name}/")
        assert (answer.status_code, "No such key" in answer.content.decode()) == (404, True)


def test_a_page_of_the_list_takes_two_calls_however_many_keys_there_are(
    dynamodb: FaultyDynamoDB, sign_in: SignIn
) -> None:
    operator = sign_in("Operator")
    for count in (1, 60):
        for _ in range(count):
            key("a")
        for address in (KEYS, f"{KEYS}?q=alice"):
            dynamodb.requests.clear()
            page(operator, address)
            assert dynamodb.calls == ["Query", "BatchGetItem"]
