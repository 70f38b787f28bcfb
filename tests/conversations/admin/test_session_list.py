"""The list of sessions: by day, across days, by owner, filtered, searched; and what it asks DynamoDB."""

import datetime as dt
import re
from html import unescape

import pytest
from django.test import Client

from conversations.store import erasing
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.stored import (
    NOW,
    TODAY,
    TODAY_EARLY,
    YESTERDAY,
    a_session,
    a_stuck_session,
    pending,
    said,
    sessions,
)
from tests.faulty_dynamodb import FaultyDynamoDB

LIST = "/admin/conversations/session/"
DAY = YESTERDAY.date().isoformat()


def page(client: Client, address: str) -> str:
    """The page at an address, which must be there."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def listed(html: str) -> list[str]:
    """The ids of the sessions that a page lists, in their order."""
    return re.findall(r"session/([^/]+)/change/", html)


def link(html: str, text: str) -> str:
    """Where a link of the pager leads; empty where there is none."""
    found = re.search(rf'<a href="([^"]*)" rel="\w+">[^<]*{text}', html)
    return LIST + unescape(found[1]) if found else ""


def walked(client: Client, address: str, text: str) -> list[str]:
    """The ids on all pages from this one on, following one of the pager's links."""
    ids: list[str] = []
    for _ in range(50):
        html = page(client, address)
        ids += listed(html)
        address = link(html, text)
        if not address:
            return ids
    pytest.fail("the pages do not end")


def test_a_day_is_listed_latest_activity_first_across_all_shards(tables: None, sign_in: SignIn) -> None:
    ids = sessions(70)
    assert walked(sign_in("Support"), f"{LIST}?day={DAY}", "Older") == ids


def test_the_way_back_up_shows_the_same_pages(tables: None, sign_in: SignIn) -> None:
    client = sign_in("Support")
    ids = sessions(130)
    first = page(client, f"{LIST}?day={DAY}")
    second = page(client, link(first, "Older"))
    third = page(client, link(second, "Older"))
    assert (listed(third), link(third, "Older")) == (ids[100:], "")
    again = page(client, link(third, "Newer"))
    assert listed(again) == listed(second) == ids[50:100]
    top = page(client, link(again, "Newer"))
    assert (listed(top), link(top, "Newer")) == (ids[:50], link(first, "Newer"))


def test_sessions_of_one_moment_are_all_listed_once(tables: None, sign_in: SignIn) -> None:
    later = sessions(20, prefix="later-", at=YESTERDAY + dt.timedelta(minutes=1))
    same = sessions(400, prefix="same-", seconds_apart=0)
    client = sign_in("Support")
    assert walked(client, f"{LIST}?day={DAY}", "Older") == [*later, *sorted(same, reverse=True)]


def test_the_list_opens_on_the_latest_day_with_activity_and_says_so(tables: None, sign_in: SignIn) -> None:
    a_session("old", at=TODAY_EARLY - dt.timedelta(days=3))
    html = page(sign_in("Support"), LIST)
    assert listed(html) == ["old"]
    assert f"No such activity since {TODAY - dt.timedelta(days=2)}" in html


def test_days_further_back_are_not_looked_at_unasked(tables: None, sign_in: SignIn) -> None:
    a_session("old", at=TODAY_EARLY - dt.timedelta(days=8))
    client = sign_in("Support")
    html = page(client, LIST)
    assert listed(html) == []
    assert "No such activity in the last 7 days" in html
    first = (TODAY - dt.timedelta(days=30)).isoformat()
    assert walked(client, f"{LIST}?since={first}", "Older") == ["old"]


def test_a_range_goes_on_from_day_to_day(tables: None, sign_in: SignIn) -> None:
    ids = [
        session_id
        for days in (0, 1, 9)
        for session_id in sessions(40, prefix=f"d{days}-", at=YESTERDAY - dt.timedelta(days=days))
    ]
    sessions(3, prefix="outside-", at=YESTERDAY - dt.timedelta(days=12))
    since = (YESTERDAY.date() - dt.timedelta(days=10)).isoformat()
    client = sign_in("Support")
    assert walked(client, f"{LIST}?since={since}&until={DAY}", "Older") == ids


def test_a_row_shows_everything_about_its_session(tables: None, sign_in: SignIn) -> None:
    a_session("one", title="Größe <b>", cost_nano_usd=1_440_001, message_count=1234, cache_read_tokens=34)
    html = page(sign_in("Support"), f"{LIST}?day={DAY}")
    row = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    assert row
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", row[1]))).strip()
    at, began = YESTERDAY, YESTERDAY - dt.timedelta(hours=1)
    assert text == (
        f"Größe <b> {at:%Y-%m-%d %H:%M:%S} UTC alice idle 0.001440001 USD 1,234 1,234 nova-pro-v1 "
        f"{began:%Y-%m-%d %H:%M:%S} UTC"
    )
    assert f'<time datetime="{at.isoformat()}" title="{at:%Y-%m-%d %H:%M:%S} UTC">' in html


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("state=idle", ["idle", "other"]),
        ("state=pending", ["pending"]),
        ("state=failed", ["failed", "stuck"]),
        ("model=us.amazon.nova-lite-v1:0", ["other"]),
        ("model=us.amazon.nova-lite-v1:0&state=failed", []),
        ("owner=bob", ["other"]),
        ("owner=bob&state=failed", []),
        ("owner=bo", []),
    ],
)
def test_filters(tables: None, sign_in: SignIn, asked: str, expected: list[str]) -> None:
    a_session("idle")
    a_session("other", owner="bob", models={"us.amazon.nova-lite-v1:0"})
    a_session("failed", state="failed")
    a_stuck_session("stuck")
    begun = dt.datetime.now(dt.UTC)
    a_session("pending", at=begun, state="pending", pending=pending(lease_until=begun + dt.timedelta(minutes=1)))
    since = (TODAY - dt.timedelta(days=3)).isoformat()
    html = page(sign_in("Support"), f"{LIST}?since={since}&{asked}")
    assert sorted(listed(html)) == expected


def test_a_filter_finds_the_one_session_among_many(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    sessions(800)
    a_session("needle", at=YESTERDAY - dt.timedelta(hours=6), state="failed")
    client = sign_in("Support")
    dynamodb.requests.clear()
    assert listed(page(client, f"{LIST}?day={DAY}&state=failed")) == ["needle"]
    assert calls_made(dynamodb) == ["Query"] * 16


def test_a_filter_that_most_pass_looks_at_few_more_than_it_shows(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    ids = sessions(2000)
    client = sign_in("Support")
    dynamodb.requests.clear()
    assert listed(page(client, f"{LIST}?day={DAY}&state=idle")) == ids[:50]
    assert [request.body["Limit"] for request in dynamodb.requests] == [60] * 16


def test_an_owners_sessions_are_paged_both_ways(tables: None, sign_in: SignIn) -> None:
    ids = sessions(70, owner="carol")
    sessions(5, prefix="x")
    client = sign_in("Support")
    assert walked(client, f"{LIST}?owner=carol", "Older") == ids
    second = page(client, link(page(client, f"{LIST}?owner=carol"), "Older"))
    assert listed(page(client, link(second, "Newer"))) == ids[:50]


def test_an_owners_sessions_of_some_days(tables: None, sign_in: SignIn) -> None:
    a_session("in", at=YESTERDAY)
    a_session("before", at=YESTERDAY - dt.timedelta(days=5))
    assert listed(page(sign_in("Support"), f"{LIST}?owner=alice&day={DAY}")) == ["in"]


@pytest.mark.parametrize("asked", ["abc_1", "dora"])
def test_search_finds_a_session_by_its_id_and_the_sessions_of_an_owner(
    tables: None, sign_in: SignIn, asked: str
) -> None:
    a_session("abc_1", owner="dora")
    a_session("other")
    html = page(sign_in("Support"), f"{LIST}?q={asked}")
    assert listed(html) == ["abc_5F1"]


def test_search_for_nothing_that_is_there(tables: None, sign_in: SignIn) -> None:
    a_session("abc")
    assert listed(page(sign_in("Support"), f"{LIST}?q=ab")) == []


def test_words_are_found_in_titles_and_messages_and_the_page_says_where_it_looked(
    tables: None, sign_in: SignIn
) -> None:
    for name, content in {"a": "The INVOICE of March", "b": "nothing", "c": "march without it"}.items():
        a_session(name)
        said(name, content, "ok")
    a_session("d", title="March invoice")
    html = page(sign_in("Support"), f"{LIST}?day={DAY}&words=invoice+March")
    assert listed(html) == ["d", "a"]
    assert "newest messages of 4 sessions (6 messages)" in html
    assert "There are no others." in html


def test_a_search_for_words_is_bounded_and_goes_on(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    ids = sessions(40)
    said(ids[0], *["far"] * 150)
    said(ids[39], "needle", "ok")
    client = sign_in("Support")
    dynamodb.requests.clear()
    html = page(client, f"{LIST}?day={DAY}&words=needle")
    assert listed(html) == []
    assert len(calls_made(dynamodb)) == 16 + 25
    assert "of 25 sessions (100 messages)" in html
    assert "Not searched: earlier messages of 1 session." in html
    assert listed(page(client, link(html, "Older"))) == [ids[39]]


@pytest.mark.parametrize("count", [3, 400])
@pytest.mark.parametrize(
    ("address", "calls"),
    [
        (f"{LIST}?day={DAY}", ["Query"] * 16),
        (f"{LIST}?owner=alice", ["Query", "BatchGetItem"]),
        (f"{LIST}?q=alice", ["GetItem", "Query", "BatchGetItem"]),
    ],
)
def test_a_page_takes_as_many_calls_for_many_sessions_as_for_few(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, count: int, address: str, calls: list[str]
) -> None:
    sessions(count)
    client = sign_in("Support")
    dynamodb.requests.clear()
    assert len(listed(page(client, address))) == min(count, 50)
    assert calls_made(dynamodb) == calls


def test_expired_and_half_erased_sessions_are_not_listed(tables: None, sign_in: SignIn) -> None:
    a_session("expired", expires_at=int((NOW - dt.timedelta(days=1)).timestamp()))
    a_session("erased")
    erasing.mark("erased", owner="alice", now=NOW)
    client = sign_in("Support")
    for asked in (f"day={DAY}", "owner=alice", "q=expired", "q=erased"):
        assert listed(page(client, f"{LIST}?{asked}")) == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("day=2026-13-01", "day: Enter a valid date."),
        ("since=tomorrow", "since: Enter a valid date."),
        ("since=2026-02-01&until=2026-01-01", "The first day must not be after the last one."),
        ("day=2026-01-01&since=2026-01-01", "Ask for one day or for a range, not for both."),
        ("state=busy", "state: Select a valid choice."),
        ("day=0001-01-01", "Days are from 2024-01-01 to "),
        ("day=9999-12-31", "Days are from 2024-01-01 to "),
        ("until=0001-01-05", "Days are from 2024-01-01 to "),
        ("since=2024-01-01&until=9998-12-31", "Days are from 2024-01-01 to "),
        ("q=one&words=hello", "Ask for an id or owner, or for words, not for both."),
        (
            "owner=a&older_than=WyIyMDI2LTk5LTk5VDAwOjAwOjAwLjAwMDAwMFoiLCJzIl0",
            "The address of this page is not one that was given out.",
        ),
        ("owner=a&older_than=nonsense", "The address of this page is not one that was given out."),
    ],
)
def test_an_address_that_makes_no_sense_is_told(tables: None, sign_in: SignIn, asked: str, sentence: str) -> None:
    answer = sign_in("Support").get(f"{LIST}?{asked}")
    assert (answer.status_code, sentence in unescape(answer.content.decode())) == (400, True)
