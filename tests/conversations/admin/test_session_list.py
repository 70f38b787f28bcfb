"""The list of sessions: by day, across days, by owner, filtered, searched; and what it asks DynamoDB."""

import datetime as dt
import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
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


def searched(client: Client, **form: str) -> str:
    """The address that the search form leads to."""
    answer = client.post(LIST, form)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


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


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("q=abc&state=idle", ["abc"]),
        ("q=abc&state=failed", []),
        ("q=abc&model=us.amazon.nova-pro-v1:0", ["abc"]),
        ("q=abc&model=us.amazon.nova-lite-v1:0", []),
        (f"q=abc&day={DAY}", ["abc"]),
        (f"q=abc&day={TODAY}", []),
        (f"q=abc&until={TODAY - dt.timedelta(days=9)}", []),
        ("q=abc&owner=dora", ["abc"]),
        ("q=abc&owner=alice", []),
        ("q=dora&owner=dora", ["abc", "broken"]),
        ("q=dora&owner=alice", []),
        ("q=dora&state=failed", ["broken"]),
        (f"q=dora&day={DAY}&state=idle", ["abc"]),
    ],
)
def test_a_search_and_the_filters_are_combined(tables: None, sign_in: SignIn, asked: str, expected: list[str]) -> None:
    a_session("abc", owner="dora")
    a_session("broken", owner="dora", state="failed", at=YESTERDAY - dt.timedelta(minutes=1))
    a_session("other")
    html = page(sign_in("Support"), f"{LIST}?{asked}")
    assert listed(html) == expected
    assert "Shown are those of them that the filters let pass." in html


def test_links_and_forms_of_the_filters_keep_the_search_and_each_other(tables: None, sign_in: SignIn) -> None:
    html = page(sign_in("Support"), f"{LIST}?q=dora&state=failed&day={DAY}&older_than=&e=1")
    days = [parse_qs(urlsplit(unescape(each)).query) for each in re.findall(r'<a href="([^"]*)" aria-label="', html)]
    assert days
    assert all(each == {"q": ["dora"], "state": ["failed"], "day": each["day"]} for each in days)
    (by_days, by_owner) = re.findall(r'<form method="get" class="filter-form">(.*?)</form>', html, re.DOTALL)
    hidden = r'<input type="hidden" name="(\w+)" value="([^"]*)">'
    assert re.findall(hidden, by_days) == [("q", "dora"), ("state", "failed")]
    assert re.findall(hidden, by_owner) == [("q", "dora"), ("state", "failed"), ("day", DAY)]


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
    client = sign_in("Support")
    html = page(client, searched(client, day=DAY, words=" invoice March "))
    assert listed(html) == ["d", "a"]
    assert "newest messages of 4 sessions (6 messages)" in html
    assert "There are no others." in html


def test_words_are_searched_in_the_sessions_of_the_owner_beside_them(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    ids = sessions(30, owner="carol", seconds_apart=86_400)
    for session_id in (ids[0], ids[20], ids[29]):
        said(session_id, "needle", "ok", at=YESTERDAY - dt.timedelta(days=ids.index(session_id)))
    a_session("of-another")
    said("of-another", "needle", "ok")
    client = sign_in("Support")
    address = searched(client, q="carol", words="needle")
    dynamodb.requests.clear()
    html = page(client, address)
    assert (listed(html), calls_made(dynamodb)) == ([ids[0], ids[20]], ["Query", "BatchGetItem"] + ["Query"] * 25)
    assert "newest messages of 25 sessions (4 messages)" in html
    assert ('name="q" value="carol"' in html, 'name="words" value="needle"' in html) == (True, True)
    assert listed(page(client, link(html, "Older"))) == [ids[29]]
    assert [(found["called"], found["words"], len(found["found"])) for found in searches()] == [
        ("carol", "needle", 2),
        ("carol", "needle", 1),
    ]


@pytest.mark.parametrize(
    ("form", "expected", "sentence"),
    [
        ({"q": "carol", "owner": "carol"}, ["one"], ""),
        ({"q": "carol", "day": DAY}, ["one"], ""),
        ({"q": "carol", "day": str(TODAY)}, [], ""),
        ({"q": "nobody"}, [], ""),
        ({"q": "carol", "owner": "bob"}, [], "The search names another owner than the filter."),
        ({"q": "one"}, [], "This is the id of a session, and words are searched for in the sessions of an owner"),
    ],
)
def test_a_search_for_words_keeps_what_it_cannot_be_combined_with_and_says_so(
    tables: None, sign_in: SignIn, form: dict[str, str], expected: list[str], sentence: str
) -> None:
    a_session("one", owner="carol")
    said("one", "needle", "ok")
    client = sign_in("Support")
    html = page(client, searched(client, words="needle", **form))
    assert listed(html) == expected
    assert f'name="q" value="{form["q"]}"' in html
    assert 'name="words" value="needle"' in html
    told = [each for each in ("The search names another owner", "This is the id of a session") if each in html]
    assert told == ([sentence[: len(told[0])]] if told else [])
    assert sentence in html


def test_a_search_for_words_is_bounded_and_goes_on(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    ids = sessions(40)
    said(ids[0], *["far"] * 150)
    said(ids[39], "needle", "ok")
    client = sign_in("Support")
    dynamodb.requests.clear()
    html = page(client, searched(client, day=DAY, words="needle"))
    assert listed(html) == []
    assert len(calls_made(dynamodb)) == 16 + 25
    assert "of 25 sessions (100 messages)" in html
    assert "Not searched: earlier messages of 1 session." in html
    assert listed(page(client, link(html, "Older"))) == [ids[39]]


def test_no_address_has_the_words_of_a_search(tables: None, sign_in: SignIn) -> None:
    sessions(30)
    client = sign_in("Support")
    address = searched(client, q="", day=DAY, state="idle", model="", words="blue needle", older_than="x", other="y")
    words_id = parse_qs(urlsplit(address).query)["words"][0]
    assert parse_qs(urlsplit(address).query) == {"day": [DAY], "state": ["idle"], "words": [words_id]}
    html = page(client, address)
    assert 'name="words" value="blue needle"' in html
    assert f'name="words" value="{words_id}"' in html  # in the filters' own forms
    addresses = re.findall(r'(?:href|action)="([^"]*)"', html)
    assert not [each for each in addresses if "needle" in each]
    assert f"words={words_id}" in link(html, "Older")
    assert page(client, link(html, "Older"))
    assert page(client, address)
    assert searched(client, day=DAY, state="idle", words="blue needle") == address


def searches() -> list[dict[str, Any]]:
    """What is on record of searches, with what the entries are called, without the ids of requests."""
    entries = LogEntry.objects.order_by("pk")
    found = [{"called": entry.object_repr, **json.loads(entry.change_message)} for entry in entries]
    return [{name: value for name, value in each.items() if name != "request_id"} for each in found]


def test_a_search_for_words_is_on_record_with_the_day_that_the_list_chose_and_what_it_looked_at(
    tables: None, sign_in: SignIn
) -> None:
    a_session("one")
    said("one", "Where is my umbrella?", "Here.")
    a_session("two", at=YESTERDAY - dt.timedelta(minutes=5))
    client = sign_in("Auditor")
    assert listed(page(client, searched(client, words="umbrella"))) == ["one"]
    assert searches() == [
        {
            "called": f"Sessions of {DAY}",
            "action": "search",
            "reason": "",
            "address": "127.0.0.1",
            "words": "umbrella",
            "days": [DAY, DAY],
            "state": "",
            "model": "",
            "sessions": 2,
            "messages": 2,
            "partly": 0,
            "newest": YESTERDAY.isoformat(),
            "oldest": (YESTERDAY - dt.timedelta(minutes=5)).isoformat(),
            "found": ["one"],
        }
    ]
    for address in ("/admin/admin/logentry/", "/admin/"):
        assert f"Sessions of {DAY}" in page(client, address)


@pytest.mark.parametrize(
    ("form", "called", "days"),
    [
        ({"owner": "alice"}, "alice", [None, None]),
        ({"owner": "alice", "day": DAY}, "alice", [DAY, DAY]),
        ({"since": "2026-01-01", "until": "2026-01-03"}, "Sessions of 2026-01-01 to 2026-01-03", None),
        ({}, f"Sessions of {TODAY}", [str(TODAY), str(TODAY)]),
    ],
)
def test_a_search_for_words_is_called_by_what_it_searches(
    tables: None, sign_in: SignIn, form: dict[str, str], called: str, days: list[str | None] | None
) -> None:
    client = sign_in("Support")
    page(client, searched(client, words="umbrella", **form))
    (found,) = searches()
    assert (found["called"], found["days"]) == (called, days or [form["since"], form["until"]])
    assert (found["sessions"], found["found"], found["newest"]) == (0, [], None)


def test_a_search_that_dynamodb_did_not_answer_is_on_record_as_refused(
    dynamodb: FaultyDynamoDB, sign_in: SignIn
) -> None:
    client = sign_in("Support")
    dynamodb.fault("reset", "Query", times=None)
    assert client.get(searched(client, words="umbrella")).status_code == 503
    (found,) = searches()
    assert (found["called"], found["outcome"], found["why"]) == (
        "Sessions of the latest day",
        "refused",
        "store_unavailable",
    )


def test_words_that_are_not_kept_are_told(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    client = sign_in("Support")
    address = searched(client, owner="alice", words="needle")
    dynamodb.requests.clear()
    for other, asked in ((sign_in("Auditor"), address), (client, f"{LIST}?owner=alice&words=needle")):
        answer = other.get(asked)
        assert answer.status_code == 400
        assert "The words of this search are not kept any more. Search for them again." in answer.content.decode()
    assert calls_made(dynamodb) == []
    assert LogEntry.objects.count() == 0


def test_a_session_keeps_the_latest_fifty_searches(tables: None, sign_in: SignIn) -> None:
    client = sign_in("Support")
    addresses = [searched(client, owner="alice", words=f"word {number}") for number in range(51)]
    assert [client.get(address).status_code for address in addresses[:3]] == [400, 200, 200]
    assert len(set(addresses)) == 51


def test_a_search_for_too_long_words_is_refused(tables: None, sign_in: SignIn) -> None:
    client = sign_in("Support")
    answer = client.post(LIST, {"words": "w" * 201})
    assert (answer.status_code, "words: Ensure this value has at most 200" in answer.content.decode()) == (400, True)
    assert "staff_words" not in client.session


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
