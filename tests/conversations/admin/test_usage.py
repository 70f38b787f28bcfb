"""The page of usage and cost: its figures are the ledger's, its charts show them, and callers' names stay text."""

import datetime as dt
import re
import subprocess
import sys
from decimal import Decimal
from html import unescape

import pytest
from django.conf import settings as project
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from pytest_django.fixtures import Settings

from access.keys.create_key import create_key
from conversations.services import clock
from conversations.store.staff.shards import AT_ONCE
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.stored import a_session, sessions
from tests.conversations.admin.usage_stored import (
    MICRO,
    NOON,
    PRO,
    a_month,
    at_noon,
    booked,
    idle_days_of_the_month_copied,
    nothing_copied,
    tables_of,
    tiles_of,
    tooltips_of,
)
from tests.faulty_dynamodb import FaultyDynamoDB

USAGE = "/admin/conversations/usage/"
COLUMNS = ["Turns", "Failed", "Tokens", "From cache", "Output", "Cost", "Latency"]
NOTHING = ["0", "none", "0", "none", "0", "0.00 USD", "none"]
SECOND = ["6", "1 (14.3 %)", "4,720", "66.5 %", "206", "1.500000666 USD", "850 ms"]
NOT_YET, UNREAD = "Not in the sums yet", "Not read: DynamoDB does not answer"
TODAY = ["1", "none", "20", "none", "10", "0.00000002 USD", "250 ms"]
ALICE = ["5", "1 (16.7 %)", "4,730", "66.4 %", "213", "1.500000021 USD", "970 ms"]
BOB = ["2", "2 (50.0 %)", "10", "none", "3", "0.000000665 USD", "250 ms"]
ON_PRO = ["4", "1 (20.0 %)", "4,710", "66.6 %", "203", "1.500000001 USD", "1,150 ms"]
ON_MICRO = ["3", "2 (40.0 %)", "30", "none", "13", "0.000000685 USD", "250 ms"]


@pytest.fixture
def month(tables: None, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 2026-11-23, there was some use this month, and the closed days without use are copied."""
    at_noon(monkeypatch)
    a_month()
    idle_days_of_the_month_copied()


def test_shows_this_month_by_day_model_and_owner(month: None, sign_in: SignIn) -> None:
    html = sign_in("Operator").get(USAGE).content.decode()
    used = {2: SECOND, 22: ["0", "2 (100.0 %)", *NOTHING[2:]], 23: TODAY}
    days = [[f"2026-11-{day:02}", *used.get(day, NOTHING)] for day in range(1, 24)]
    assert tables_of(html) == {
        "By day (UTC)": [["Day", *COLUMNS], *days],
        "By model": [["Model", *COLUMNS], [PRO, *ON_PRO], [MICRO, *ON_MICRO]],
        "By owner": [
            ["Owner", *COLUMNS, "Sessions"],
            ["alice", *ALICE, "Sessions of alice"],
            ["bob", *BOB, "Sessions of bob"],
        ],
    }
    assert tiles_of(html) == {
        "Turns answered": "7",
        "Turns failed": "3 (30.0 %)",
        "Cost": "1.500000686 USD",
        "Input tokens, not from cache": "1,524",
        "Input tokens read from cache": "3,000",
        "Cache share of input tokens": "66.3 %",
        "Output tokens": "216",
        "Mean model latency": "764 ms",
    }


def test_says_when_days_were_copied_and_read(month: None, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_copied()
    client = sign_in("Support")
    earlier = NOON - dt.timedelta(days=1, hours=2)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    client.get(f"{USAGE}?since=2026-11-02&until=2026-11-03")
    monkeypatch.setattr(clock, "now", lambda: NOON)
    html = client.get(USAGE).content.decode()
    copied = f"Closed days, up to 2026-11-22, were copied between {shown(earlier)} and {shown(NOON)}."
    assert f"2026-11-01 to 2026-11-23 (UTC). {copied} Open days were read from the ledger at {shown(NOON)}." in html
    html = client.get(f"{USAGE}?since=2026-11-02&until=2026-11-03").content.decode()
    assert f"2026-11-02 to 2026-11-03 (UTC). Closed days, up to 2026-11-22, were copied at {shown(earlier)}.<" in html
    html = client.get(f"{USAGE}?since=2026-11-23").content.decode()
    assert f"2026-11-23 to 2026-11-23 (UTC). Open days were read from the ledger at {shown(NOON)}.<" in html


def shown(moment: dt.datetime) -> str:
    """A time as the page has it."""
    utc = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return f'<time datetime="{moment.isoformat()}" title="{utc}">{utc}</time>'


CHARTS = {
    "cost": [
        ["2026-11-02: 1.500000666 USD", "2026-11-23: 0.00000002 USD"],
        [f"{PRO}: 1.500000001 USD", f"{MICRO}: 0.000000685 USD"],
        ["alice: 1.500000021 USD", "bob: 0.000000665 USD"],
    ],
    "turns": [
        ["2026-11-02: 6 answered", "2026-11-23: 1 answered", "2026-11-02: 1 failed", "2026-11-22: 2 failed"],
        [f"{PRO}: 4 answered", f"{MICRO}: 3 answered", f"{PRO}: 1 failed", f"{MICRO}: 2 failed"],
        ["alice: 5 answered", "bob: 2 answered", "alice: 1 failed", "bob: 2 failed"],
    ],
    "failed": [
        ["2026-11-02: 1 failed", "2026-11-22: 2 failed"],
        [f"{MICRO}: 2 failed", f"{PRO}: 1 failed"],
        ["bob: 2 failed", "alice: 1 failed"],
    ],
    "tokens": [
        [
            *("2026-11-02: 1,514 input", "2026-11-23: 10 input", "2026-11-02: 3,000 read from cache"),
            *("2026-11-02: 206 output", "2026-11-23: 10 output"),
        ],
        [
            *(f"{PRO}: 1,507 input", f"{MICRO}: 17 input", f"{PRO}: 3,000 read from cache"),
            *(f"{PRO}: 203 output", f"{MICRO}: 13 output"),
        ],
        [
            *("alice: 1,517 input", "bob: 7 input", "alice: 3,000 read from cache"),
            *("alice: 213 output", "bob: 3 output"),
        ],
    ],
    "latency": [
        ["2026-11-02: 850 ms", "2026-11-23: 250 ms"],
        [f"{PRO}: 1,150 ms", f"{MICRO}: 250 ms"],
        ["alice: 970 ms", "bob: 250 ms"],
    ],
}


@pytest.mark.parametrize("figure", CHARTS)
def test_charts_show_a_figure_by_day_model_and_owner(month: None, sign_in: SignIn, figure: str) -> None:
    html = sign_in("Support").get(f"{USAGE}?figure={figure}").content.decode()
    assert [sorted(bars) for bars in tooltips_of(html)] == [sorted(bars) for bars in CHARTS[figure]]
    tables = tables_of(html)
    first = "bob" if figure == "failed" else "alice"
    assert (tables["By owner"][1][0], tables["By model"][1][0]) == (first, MICRO if first == "bob" else PRO)
    assert f'<input type="hidden" name="figure" value="{figure}">' in html or figure == "cost"


def test_the_figure_of_the_charts_stays_from_link_to_link(month: None, sign_in: SignIn) -> None:
    client = sign_in("Auditor")
    html = unescape(client.get(f"{USAGE}?figure=tokens&owner=bob").content.decode())
    days = "since=2026-11-01&until=2026-11-23"
    for link in (
        "?days=30&owner=bob&figure=tokens",
        "?since=2026-11-02&until=2026-11-02&owner=bob&figure=tokens",
        f"?{days}&owner=bob&figure=tokens&model=us.amazon.nova-micro-v1%3A0",
        f"?{days}&owner=bob&figure=latency",
        f"?{days}&figure=tokens",
        f"export/?{days}&owner=bob",
    ):
        assert f'href="{USAGE}{link}"' in html
    assert '<strong aria-current="true">Tokens</strong>' in html


def test_one_owner_or_one_model_alone(month: None, sign_in: SignIn) -> None:
    client = sign_in("Support")
    alone = tables_of(client.get(f"{USAGE}?owner=bob").content.decode())
    assert alone["By owner"][1:] == [["bob", *BOB, "Sessions of bob"]]
    assert alone["By model"][1:] == [[MICRO, *BOB]]
    of_model = tables_of(client.get(f"{USAGE}?model={PRO}&since=2026-11-02&until=2026-11-02").content.decode())
    assert of_model["By day (UTC)"][1:] == [["2026-11-02", *ON_PRO]]
    assert of_model["By owner"][1:] == [["alice", *ON_PRO, "Sessions of alice"]]


def test_an_owner_nobody_knows_has_used_nothing(month: None, sign_in: SignIn) -> None:
    answer = sign_in("Support").get(f"{USAGE}?owner=nobody")
    html = answer.content.decode()
    assert (answer.status_code, "Nothing was used in these days." in html, 'class="chart"' in html) == (
        200,
        True,
        False,
    )
    assert list(tables_of(html)) == ["By day (UTC)"]


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("", "2026-11-01", "2026-11-23"),
        ("days=7", "2026-11-17", "2026-11-23"),
        ("days=90", "2026-08-26", "2026-11-23"),
        ("until=2026-10-20", "2026-10-01", "2026-10-20"),
        ("since=2026-11-20", "2026-11-20", "2026-11-23"),
        ("since=2026-08-24&until=2026-11-23", "2026-08-24", "2026-11-23"),
    ],
)
def test_a_range_is_a_preset_or_days(
    tables: None, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, query: str, first: str, last: str
) -> None:
    at_noon(monkeypatch, copied_at_once=1)
    html = sign_in("Support").get(f"{USAGE}?{query}").content.decode()
    assert f'name="since" id="usage-since" value="{first}"' in html
    assert f'name="until" id="usage-until" value="{last}"' in html


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=yesterday", "since: Enter a valid date."),
        ("since=2026-11-03&until=2026-11-02", "The first day must not be after the last one."),
        ("since=2026-08-23&until=2026-11-23", "A range has 92 days at most."),
        ("days=8", "days: Select a valid choice. 8 is not one of the available choices."),
        ("days=7&since=2026-11-03", "Ask for the last days or for a range, not for both."),
        ("until=0001-01-05", "The first day must be from 2024-01-01 to 2026-11-23."),
        ("since=9999-12-31", "The first day must be from 2024-01-01 to 2026-11-23."),
        ("figure=words", "figure: Select a valid choice. words is not one of the available choices."),
        (f"owner={'x' * 256}", "owner: Ensure this value has at most 255 characters (it has 256)."),
    ],
)
@pytest.mark.parametrize("page", ["", "export/"])
def test_a_bad_query_is_told_and_nothing_read(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, query: str, told: str, page: str
) -> None:
    at_noon(monkeypatch)
    dynamodb.requests.clear()
    client = sign_in("Operator")
    for answer in (client.get(f"{USAGE}{page}?{query}"), client.post(f"{USAGE}export/?{query}")):
        assert (answer.status_code, told in answer.content.decode()) == (400, True)
    assert dynamodb.calls == []
    assert LogEntry.objects.count() == 0


def test_days_that_are_not_copied_yet_are_told_with_a_link_that_goes_on(
    month: None, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_copied()
    at_noon(monkeypatch, copied_at_once=20)
    client = sign_in("Support")
    html = client.get(USAGE).content.decode()
    assert "2 days of this range, from 2026-11-01 on, are not in the sums yet" in html
    assert f'<a href="{USAGE}">Go on</a>' in html
    assert tiles_of(html)["Cost"] == "0.00000002 USD"
    by_day = tables_of(html)["By day (UTC)"]
    assert by_day[1:4] == [["2026-11-01", NOT_YET], ["2026-11-02", NOT_YET], ["2026-11-03", *NOTHING]]
    html = client.get(USAGE).content.decode()
    assert "not in the sums yet" not in html
    assert tiles_of(html)["Cost"] == "1.500000686 USD"


HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\u202egnp.exe",
    "مستخدم",
    "a" * 255,
    "]]><!-- &amp; \x01",
    "=1+1",
]


def test_names_of_callers_stay_text(tables: None, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    at_noon(monkeypatch)
    for number, owner in enumerate(HOSTILE):
        booked("2026-11-23", owner, f"<b>{owner[:50]}", turns=1, cost_nano_usd=900 - number)
    html = sign_in("Operator").get(USAGE).content.decode()
    assert [row[0] for row in tables_of(html)["By owner"][1:]] == [" ".join(owner.split()) for owner in HOSTILE]
    assert [title.rpartition(": ")[0] for title in tooltips_of(html)[-1][::-1]] == HOSTILE
    assert re.findall(r"<(?:script(?! src)|img|b>|style)|<[^>]*\s(?:on[a-z]+|style)=", html) == []
    charts = "".join(re.findall('<svg class="chart".*?</svg>', html, re.DOTALL))
    assert set(re.findall("<([^ />]+)", charts)) == {"svg", "g", "path", "rect", "text", "title"}


def test_a_long_range_of_many_owners_is_cut_and_says_so(
    tables: None, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_noon(monkeypatch, copied_at_once=1)
    for number in range(55):
        booked("2026-11-23", f"owner {number:02}", turns=1, cost_nano_usd=100 + number)
    html = sign_in("Support").get(f"{USAGE}?days=90").content.decode()
    assert len(tables_of(html)["By owner"]) == 51
    assert len(tables_of(html)["By day (UTC)"]) == 91
    note = "50 of 55 owners, dearest first; an export has all of them. The chart shows the first 10, dearest first."
    assert note in html
    assert len(tooltips_of(html)[-1]) == 10


def test_the_dearest_sessions_lead_to_what_was_said_where_it_may_be_read(
    month: None, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = dt.datetime(2026, 11, 22, 8, 30, tzinfo=dt.UTC)
    a_session("cheap", at=early, cost_nano_usd=1)
    a_session("dear", at=early, title="<i>Dear</i>", cost_nano_usd=2_000_000_000)
    html = sign_in("Support").get(USAGE).content.decode()
    shown = ["2", "1,200", "2.00 USD", "alice", "2026-11-22 08:30:00 UTC", "idle"]
    assert tables_of(html)["Dearest sessions"] == [
        ["Session", "Messages", "Tokens", "Cost", "Owner", "Last activity", "State"],
        ["<i>Dear</i>", *shown],
        ["Title of cheap", *shown[:2], "0.000000001 USD", *shown[3:]],
    ]
    assert "/admin/conversations/session/dear/change/" in html

    client = sign_in("Nobody")
    grant("view_usage")
    html = client.get(USAGE).content.decode()
    assert "Dear" not in html
    assert "/admin/conversations/session/" not in html
    grant("view_session")
    html = client.get(USAGE).content.decode()
    assert [row[0] for row in tables_of(html)["Dearest sessions"][1:]] == [
        "dear (title hidden)",
        "cheap (title hidden)",
    ]
    assert ("Dear&lt;" in html, "/change/" in html) == (False, False)


def grant(codename: str) -> None:
    """Gives the member of staff without a group one more permission."""
    permission = Permission.objects.get(content_type__app_label="conversations", codename=codename)
    User.objects.get(username="nobody").user_permissions.add(permission)


def test_the_month_stands_against_budgets_whatever_range_is_shown(
    month: None, sign_in: SignIn, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_USD = 6
    client = sign_in("Support")
    client.get(USAGE)  # copies the month
    for query in ("", "?days=7", "?since=2026-10-01&until=2026-10-02", f"?model={MICRO}"):
        html = client.get(USAGE + query).content.decode()
        assert tables_of(html)["Month to date against budgets"] == [
            ["Budget of", "Spent", "Budget", "Share spent"],
            ["alice", "1.500000021 USD", "6.00 USD", "25.0 % 25.0 %"],
            ["bob", "0.000000665 USD", "6.00 USD", "0.0 % 0.0 %"],
        ]
        assert "This month (UTC), whatever range is shown: of the month's 20 dearest owners." in unescape(html)
    assert '<meter min="0" max="1000" high="800" optimum="0" value="250" aria-label="Share spent">' in html
    html = client.get(f"{USAGE}?owner=bob").content.decode()
    assert [row[0] for row in tables_of(html)["Month to date against budgets"][1:]] == ["bob"]


def test_budgets_that_were_not_looked_up_are_counted(
    tables: None, sign_in: SignIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_noon(monkeypatch)
    settings.MONTHLY_BUDGET_USD = 1
    for number in range(23):
        booked("2026-11-23", f"owner-{number:02}", turns=1, cost_nano_usd=(820 - number) * 10**6)
    for number in range(22):
        create_key(owner="alice", name=str(number), scopes=["chat"], monthly_budget_usd=Decimal(5))
    html = unescape(sign_in("Auditor").get(f"{USAGE}?since=2026-10-01&until=2026-10-02").content.decode())
    assert len(tables_of(html)["Month to date against budgets"]) == 1 + 20 + 20
    assert "of the month's 20 dearest owners, and of the 20 API keys used last." in html
    assert "Not shown: 1 more owner who by the ledger is near a budget or over it." in html
    assert "Not shown: 2 more API keys, used longer ago." in html
    assert "Days of this month that are not copied yet do not count for who is dearest." in html


def test_budgets_of_keys_are_for_those_who_may_see_keys(month: None, sign_in: SignIn) -> None:
    key = create_key(owner="alice", name="test", scopes=["chat"], monthly_budget_usd=Decimal(0)).key
    row = [f"alice, API key {key.key_id}", "0.00 USD", "0.00 USD", "100.0 % 100.0 %"]
    client = sign_in("Auditor")
    for query in ("", "?owner=alice"):
        html = client.get(USAGE + query).content.decode()
        assert tables_of(html)["Month to date against budgets"][1:] == [row]
        assert f'href="/admin/access/apikey/{key.key_id}/change/"' in html
    html = sign_in("Support").get(USAGE).content.decode()
    assert ("Month to date" in html, key.key_id in html) == (False, False)


AWAY = re.compile('<div class="errornote" role="alert">(.*?)</div>', re.DOTALL)


def told_of_outage(html: str) -> str:
    """What the page says on top while DynamoDB does not answer."""
    (notice,) = AWAY.findall(html)
    return " ".join(re.sub("<[^>]*>", "", notice).split())


def test_closed_days_are_shown_while_dynamodb_is_away(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_noon(monkeypatch)
    a_month()
    client = sign_in("Operator")
    client.get(USAGE)
    dynamodb.fault("reset", "Query", times=None)
    dynamodb.fault("reset", "GetItem", times=None)
    answer = client.get(USAGE)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert told_of_outage(html) == (
        "DynamoDB does not answer; the page is shown without what is read from it. In none of the sums: 2026-11-23. "
        "Left out: Dearest sessions, Month to date against budgets. Try again"
    )
    shown_tables = tables_of(html)
    assert list(shown_tables) == ["By day (UTC)", "By model", "By owner"]
    assert shown_tables["By day (UTC)"][-2:] == [
        ["2026-11-22", "0", "2 (100.0 %)", *NOTHING[2:]],
        ["2026-11-23", UNREAD],
    ]
    assert tiles_of(html)["Cost"] == "1.500000666 USD"
    assert "Open days were read" not in html
    dynamodb.recover()
    assert AWAY.findall(client.get(USAGE).content.decode()) == []


def test_days_that_could_not_be_copied_are_told_while_dynamodb_is_away(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_noon(monkeypatch)
    a_month()
    client = sign_in("Support")
    client.get(f"{USAGE}?since=2026-11-02&until=2026-11-03")
    dynamodb.fault("reset", "Query", times=None)
    dynamodb.requests.clear()
    html = client.get(USAGE).content.decode()
    assert "In none of the sums: 21 days between 2026-11-01 and 2026-11-23, told in the table." in told_of_outage(html)
    assert "not in the sums yet" not in html
    assert tables_of(html)["By day (UTC)"][1:4] == [
        ["2026-11-01", UNREAD],
        ["2026-11-02", *SECOND],
        ["2026-11-03", *NOTHING],
    ]


def test_one_section_may_be_left_out_alone(
    month: None, dynamodb: FaultyDynamoDB, sign_in: SignIn, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_USD = 6
    client = sign_in("Support")
    client.get(USAGE)
    dynamodb.fault("reset", "GetItem", times=None)
    html = client.get(USAGE).content.decode()
    assert told_of_outage(html) == (
        "DynamoDB does not answer; the page is shown without what is read from it. "
        "Left out: Month to date against budgets. Try again"
    )
    assert tiles_of(html)["Cost"] == "1.500000686 USD"


@pytest.mark.parametrize(
    ("query", "waits_for"),
    [
        ("", {"Query"}),
        ("?since=2026-11-01&until=2026-11-03", {"BatchGetItem"}),
        ("?since=2026-11-01&until=2026-11-03&owner=alice", {"Query"}),
    ],
)
def test_a_silent_dynamodb_is_waited_for_once(
    month: None, dynamodb: FaultyDynamoDB, sign_in: SignIn, query: str, waits_for: set[str]
) -> None:
    a_session("one", at=NOON - dt.timedelta(days=21), cost_nano_usd=1000)
    client = sign_in("Operator")
    client.get(f"{USAGE}{query}")  # copies the closed days
    for operation in ("Query", "GetItem", "BatchGetItem"):
        dynamodb.fault("hang", operation, times=None)
    dynamodb.requests.clear()
    answer = client.get(f"{USAGE}{query}")
    assert (answer.status_code, "Try again" in told_of_outage(answer.content.decode())) == (200, True)
    made = calls_made(dynamodb)
    assert (set(made), len(made) <= AT_ONCE) == (waits_for, True)


@pytest.mark.parametrize("query", ["since=2026-11-23", "since=2026-11-01&until=2026-11-03"])
def test_nothing_is_shown_where_no_day_is_copied_and_dynamodb_is_away(
    month: None, dynamodb: FaultyDynamoDB, sign_in: SignIn, query: str
) -> None:
    nothing_copied()
    dynamodb.fault("reset", "Query", times=None)
    answer = sign_in("Support").get(f"{USAGE}?{query}")
    assert (answer.status_code, "DynamoDB cannot be reached" in answer.content.decode()) == (503, True)


def test_pages_of_an_owner_lead_to_its_usage_where_it_may_be_seen(month: None, sign_in: SignIn) -> None:
    a_session("one", at=NOON, owner="a&b")
    link = f"{USAGE}?owner=a%26b"
    client = sign_in("Support")
    for address in ("/admin/conversations/session/one/change/", "/admin/conversations/session/?owner=a%26b"):
        assert link in client.get(address).content.decode()
    client = sign_in("Nobody")
    grant("view_session")
    grant("read_transcript")
    for address in ("/admin/conversations/session/one/change/", "/admin/conversations/session/?owner=a%26b"):
        assert USAGE not in client.get(address).content.decode()


def test_the_calls_do_not_grow_with_the_sessions(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_noon(monkeypatch)
    a_month()
    client = sign_in("Operator")
    idle_days_of_the_month_copied()
    early = NOON - dt.timedelta(hours=1)
    sessions(30, prefix="few", at=early, cost_nano_usd=1000)
    client.get(USAGE)  # copies the closed days
    dynamodb.requests.clear()
    client.get(USAGE)
    few = calls_made(dynamodb)
    sessions(300, prefix="many", at=early, cost_nano_usd=2000)
    dynamodb.requests.clear()
    client.get(USAGE)
    assert sorted(calls_made(dynamodb)) == sorted(few)
    assert len(few) < 100


def test_nothing_of_it_is_imported_before_somebody_looks() -> None:
    program = "import chatbot_project.wsgi, django.urls, sys; django.urls.reverse('admin:index'); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=project.BASE_DIR, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in loaded if name.startswith("pygal")] == []
    ours = [name for name in loaded if name.startswith("conversations.admin.usage.")]
    assert ours == ["conversations.admin.usage.place"]


def test_looking_is_not_on_record(month: None, sign_in: SignIn) -> None:
    sign_in("Support").get(USAGE)
    assert LogEntry.objects.count() == 0
