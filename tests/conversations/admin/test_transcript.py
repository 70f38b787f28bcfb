"""Reading a session: the page, its paging, what is hostile in it, and that reading is on record."""

import datetime as dt
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django.fixtures import Settings

from conversations.admin import audit
from tests.conversations.admin.calls import calls_made
from tests.conversations.admin.conftest import SignIn
from tests.conversations.admin.stored import YESTERDAY, a_session, a_stuck_session, pending, said
from tests.faulty_dynamodb import FaultyDynamoDB

SESSIONS = "/admin/conversations/session/"
SCRIPT = "<script>alert(1)</script>"


def page(client: Client, address: str) -> str:
    """The page at an address, which must be there."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def articles(html: str) -> list[str]:
    """The messages of a page."""
    return re.findall(r"<article.*?</article>", html, re.DOTALL)


def said_in(html: str) -> list[str]:
    """What is said in the messages of a page, as text."""
    return [
        unescape(re.sub(r"<[^>]+>", "", found)).strip()
        for found in re.findall(r'<div class="said" dir="auto">(.*?)(?:</div>|</p>)\s*</div>', html, re.DOTALL)
    ]


def link(html: str, text: str) -> str:
    """Where a link of the pager leads; empty where there is none."""
    found = re.search(rf'<a href="([^"]*)"[^>]*>(?:&lsaquo; )?{text}', html)
    return unescape(found[1]) if found else ""


def where(html: str) -> list[str]:
    """Which messages the pagers say that the page has, without tags."""
    return [re.sub(r"<[^>]+>", "", found) for found in re.findall(r"<span>(.*?essages.*?)</span>", html)]


def test_shows_what_was_said_and_what_each_answer_cost(tables: None, sign_in: SignIn) -> None:
    a_session("one")
    said("one", "Two\n  lines", "**Bold** and\n\n```\ncode <b>\n  indented\n```")
    question, answer = articles(page(sign_in("Support"), f"{SESSIONS}one/change/"))
    assert '<div class="plain">Two\n  lines</div>' in question
    assert "<strong>Bold</strong>" in answer
    assert "<pre><code>code &lt;b&gt;\n  indented\n</code></pre>" in answer
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", answer))
    tokens = '<span title="12 in, 34 out, 0 read from cache, 0 written to cache">46</span>'
    assert facts == {
        "Model": "us.amazon.nova-pro-v1:0",
        "Region": "us-east-1",
        "Tokens": tokens,
        "Cost": "0.0001184 USD",
        "Latency": "1,234 ms",
        "Stop reason": "end_turn",
    }
    assert f'title="{YESTERDAY:%Y-%m-%d %H:%M:%S} UTC"' in question


@pytest.mark.parametrize("count", [4, 400])
def test_a_page_takes_two_calls_however_long_the_session_is(
    dynamodb: FaultyDynamoDB, sign_in: SignIn, count: int
) -> None:
    a_session("one", message_count=count)
    said("one", *["text"] * count)
    client = sign_in("Support")
    dynamodb.requests.clear()
    assert len(said_in(page(client, f"{SESSIONS}one/change/"))) == min(count, 50)
    assert calls_made(dynamodb) == ["GetItem", "Query"]


BEGAN = YESTERDAY - dt.timedelta(hours=1)


def a_long_session(count: int, *, expired: int = 0) -> list[str]:
    """A session that began with its first message, a second for each; returns what is said in it still."""
    texts = [f"message {number}" for number in range(expired + 1, count + 1)]
    a_session("long", message_count=count)
    said("long", *texts, at=BEGAN + dt.timedelta(seconds=expired))
    return texts


def test_pages_ten_thousand_messages_both_ways_and_numbers_them(tables: None, sign_in: SignIn) -> None:
    texts = a_long_session(10_000)
    client = sign_in("Support")
    latest = page(client, f"{SESSIONS}long/change/")
    assert (said_in(latest), link(latest, "Next"), link(latest, "Latest")) == (texts[-50:], "", "")
    assert where(latest) == ["Messages 9,951\u201310,000 of 10,000"] * 2
    previous = page(client, link(latest, "Previous"))
    assert (said_in(previous), where(previous)[0]) == (texts[-100:-50], "Messages 9,901\u20139,950 of 10,000")
    assert said_in(page(client, link(previous, "Next"))) == texts[-50:]
    first = page(client, link(previous, "First"))
    assert (said_in(first), link(first, "Previous"), link(first, "First")) == (texts[:50], "", "")
    assert where(first)[0] == "Messages 1\u201350 of 10,000"
    second = page(client, link(first, "Next"))
    assert (said_in(second), where(second)[0]) == (texts[50:100], "Messages 51\u2013100 of 10,000")
    back = page(client, link(second, "Previous"))
    assert (said_in(back), where(back)[0]) == (texts[:50], "Messages 1\u201350 of 10,000")
    assert said_in(page(client, link(second, "Latest"))) == texts[-50:]


def test_a_time_is_gone_to_at_once(dynamodb: FaultyDynamoDB, sign_in: SignIn) -> None:
    texts = a_long_session(1000)
    client = sign_in("Support")
    form = re.search(
        r'<form method="get" class="jump">(.*?)</form>', page(client, f"{SESSIONS}long/change/"), re.DOTALL
    )
    assert form
    assert 'type="datetime-local" name="at"' in form[1]
    at = BEGAN + dt.timedelta(seconds=500)
    dynamodb.requests.clear()
    middle = page(client, f"{SESSIONS}long/change/?at={at:%Y-%m-%dT%H:%M:%S}")
    assert calls_made(dynamodb) == ["GetItem", "Query"]
    assert said_in(middle) == texts[500:550]
    end = at + dt.timedelta(seconds=49)
    assert (
        where(middle) == [f"50 of 1,000 messages, from {at:%Y-%m-%d %H:%M:%S} UTC to {end:%Y-%m-%d %H:%M:%S} UTC"] * 2
    )
    assert said_in(page(client, link(middle, "Previous"))) == texts[450:500]
    following = page(client, link(middle, "Next"))
    assert said_in(following) == texts[550:600]
    for _ in range(8):
        following = page(client, link(following, "Next"))
    assert where(following)[0] == "Messages 951\u20131,000 of 1,000"  # known again since the end is reached


@pytest.mark.parametrize(
    ("at", "shown", "way"),
    [
        ("2024-01-01T00:00", "Messages 1\u201350 of 120", "Next"),
        ("2999-12-31T23:59", "Messages 71\u2013120 of 120", "Previous"),
    ],
)
def test_a_time_before_or_after_everything_leads_to_that_end(
    tables: None, sign_in: SignIn, at: str, shown: str, way: str
) -> None:
    a_long_session(120)
    html = page(sign_in("Support"), f"{SESSIONS}long/change/?at={at}")
    ways = [text for text in ("First", "Previous", "Next", "Latest") if link(html, text)]
    assert (where(html)[0], way in ways, len(ways)) == (shown, True, 2)


def test_a_session_whose_first_messages_expired_is_numbered_from_its_end_alone(tables: None, sign_in: SignIn) -> None:
    texts = a_long_session(200, expired=80)
    client = sign_in("Support")
    latest = page(client, f"{SESSIONS}long/change/")
    assert where(latest)[0] == "Messages 151\u2013200 of 200"
    previous = page(client, link(latest, "Previous"))
    assert where(previous)[0] == "Messages 101\u2013150 of 200"
    first = page(client, link(previous, "First"))
    assert (said_in(first), where(first)[0].partition(",")[0]) == (texts[:50], "50 of 200 messages")


def test_a_session_that_fits_on_a_page_has_no_way_to_others(tables: None, sign_in: SignIn) -> None:
    a_long_session(4)
    html = page(sign_in("Support"), f"{SESSIONS}long/change/")
    assert where(html) == ["Messages 1\u20134 of 4"] * 2
    assert ([link(html, text) for text in ("First", "Previous", "Next", "Latest")], "jump" in html) == ([""] * 4, False)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("at=yesterday", "at: Enter a date and a time (UTC), as in 2026-11-23T09:30."),
        ("at=0001-01-01T00:00", "at: Times are from 2024-01-01 on."),
        ("at=2026-11-23T09:30&from_start=1", "A page is before or after a message, at the start, or at a time."),
        ("number=x", "number: Enter a whole number."),
        ("before=nonsense", "The address of this page is not one that was given out."),
    ],
)
def test_an_address_that_makes_no_sense_is_told(tables: None, sign_in: SignIn, asked: str, sentence: str) -> None:
    a_long_session(4)
    answer = sign_in("Support").get(f"{SESSIONS}long/change/?{asked}")
    assert (answer.status_code, sentence in unescape(answer.content.decode())) == (400, True)
    assert LogEntry.objects.count() == 0


def test_a_failed_turn_stands_on_top_with_what_was_said_of_its_answer(tables: None, sign_in: SignIn) -> None:
    turn = pending(lease_until=YESTERDAY, state="failed", partial="The answer beg", error_code="model_unavailable")
    a_session("one", state="failed", pending=turn)
    said("one", "Hello", "Hi")
    html = page(sign_in("Support"), f"{SESSIONS}one/change/")
    assert said_in(html) == ["Are you there?", "The answer beg", "Hello", "Hi"]
    assert "<code>model_unavailable</code>" in html


def test_a_stuck_turn_is_shown_as_failed(tables: None, sign_in: SignIn) -> None:
    a_stuck_session("one")
    html = page(sign_in("Support"), f"{SESSIONS}one/change/")
    assert "Failed turn" in html
    assert "<code>interrupted</code>" in html


@pytest.mark.parametrize("role", ["user", "assistant"])
@pytest.mark.parametrize(
    "hostile",
    [
        SCRIPT,
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1)) <javascript:alert(1)>",
        "[a]( &#106;avascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "![a](https://evil.example/pixel.png)",
        '[a](https://ok.example "onmouseover=alert(1)")',
        "<a href='javascript:alert(1)'>a</a>",
        "<style>body{display:none}</style>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<svg/onload=alert(1)>",
        "```<script>\nalert(1)\n```",
        "</div></article></ol><form action=//evil.example><input name=password>",
        "{{ settings.SECRET_KEY }} {% include 'x' %}",
    ],
)
def test_what_is_hostile_is_shown_and_does_nothing(tables: None, sign_in: SignIn, hostile: str, role: str) -> None:
    a_session("one", title=hostile, owner=hostile, system=hostile)
    said("one", *(["ok", hostile] if role == "assistant" else [hostile, "ok"]))
    client = sign_in("Operator")
    for address in ("one/change/", "one/erase/", "?owner=" + hostile.replace("&", "%26").replace("#", "%23")):
        html = page(client, SESSIONS + address)
        assert_harmless(html)
    assert len(articles(page(client, f"{SESSIONS}one/change/"))) == 2


class Elements(HTMLParser):
    """The elements of a page as a browser would make them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    """No element or attribute on the page comes from what was said, but links that lead to the web."""
    main = html[html.index('<main id="content-start"') : html.index("</main>")]
    elements = Elements(main).found
    names = {name for name, _ in elements}
    assert not names & {"script", "iframe", "style", "svg", "object", "embed", "base"}
    attributes = {attribute for _, found in elements for attribute in found}
    assert not {attribute for attribute in attributes if attribute.startswith("on")}
    assert not attributes & {"style", "srcdoc", "formaction"}
    targets = [str(found[name]) for _, found in elements for name in ("href", "action") if name in found]
    assert [target for target in targets if not re.match(r"https?://|/|\?", target)] == []
    assert [found for name, found in elements if name == "img"] == []
    assert [found for name, found in elements if name == "form" and found.get("action")] == []


def test_very_long_messages_are_folded_and_whole(tables: None, sign_in: SignIn) -> None:
    long = "wide " * 20_000
    a_session("one")
    said("one", long, "[" * 100_000)
    html = page(sign_in("Support"), f"{SESSIONS}one/change/")
    assert html.count("<summary>100000 characters</summary>") == 2
    assert long.strip() in html
    assert "[" * 100_000 in html
    assert "shown as it was written" in html


def test_right_to_left_text_keeps_to_its_own_place(tables: None, sign_in: SignIn) -> None:
    a_session("one", title="\u202eevil", owner="مالك")
    said("one", "مرحبا \u202e abc", "**שלום**")
    html = page(sign_in("Support"), f"{SESSIONS}one/change/")
    assert '<h1 dir="auto">\u202eevil</h1>' in html
    assert "<bdi>مالك</bdi>" in html
    assert html.count('class="said" dir="auto"') == 2


def test_an_answer_can_be_seen_as_it_was_written(tables: None, sign_in: SignIn) -> None:
    a_session("one")
    said("one", "Hello", "**Bold**")
    client = sign_in("Support")
    html = page(client, link(page(client, f"{SESSIONS}one/change/"), "Show as written"))
    assert '<div class="plain">**Bold**</div>' in html


def test_every_page_that_is_read_goes_on_record(tables: None, sign_in: SignIn) -> None:
    a_session("one_1")
    said("one_1", "Hello", "Hi")
    client = sign_in("Support")
    assert list(LogEntry.objects.all()) == []
    client.get(f"{SESSIONS}one_5F1/change/", REMOTE_ADDR="192.0.2.7", headers={"x-request-id": "r-1"})
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.object_id, entry.action_flag) == ("support", "one_1", audit.READING)
    times = [(YESTERDAY + dt.timedelta(seconds=number)).isoformat() for number in range(2)]
    assert audit.message_of(entry) == {
        "action": "read",
        "reason": "",
        "address": "192.0.2.7",
        "request_id": "r-1",
        "messages": 2,
        "of": times,
    }


def test_a_reason_is_asked_for_once_and_kept_with_every_page(tables: None, sign_in: SignIn, settings: Settings) -> None:
    settings.STAFF_REASON_REQUIRED = ["read", "search"]
    a_session("one")
    said("one", "Hello", "Hi")
    client = sign_in("Support")
    asked = client.get(f"{SESSIONS}one/change/?from_start=1")
    assert asked.status_code == 302
    assert "Hello" not in page(client, asked["Location"])
    assert client.post(asked["Location"], {"reason": "  "}).status_code == 400
    assert LogEntry.objects.count() == 0
    given = client.post(asked["Location"], {"reason": "Ticket 12"})
    assert (given.status_code, given["Location"]) == (302, f"{SESSIONS}one/change/?from_start=1")
    page(client, given["Location"])
    page(client, f"{SESSIONS}one/change/")
    assert [audit.message_of(entry)["reason"] for entry in LogEntry.objects.all()] == ["Ticket 12"] * 2
    assert client.get(f"{SESSIONS}two/change/").status_code == 302
    searched = client.post(SESSIONS, {"words": "hello"})["Location"]
    search = client.get(searched)
    assert search.status_code == 302
    assert "hello" not in searched + search["Location"]
    assert client.post(search["Location"], {"reason": "Ticket 13"})["Location"] == searched
    page(client, searched)
    found = audit.message_of(LogEntry.objects.latest("pk"))
    assert (found["action"], found["reason"], found["words"]) == ("search", "Ticket 13", "hello")


def test_a_reason_leads_to_no_other_site(tables: None, sign_in: SignIn) -> None:
    address = f"{SESSIONS}reason/?action=read&subject=one&next=//evil.example/"
    assert sign_in("Support").post(address, {"reason": "x"})["Location"] == SESSIONS


@pytest.mark.parametrize("session_id", ["none", "x" * 3000, "a b", "%23session"])
def test_a_session_that_is_not_there_is_told_and_not_recorded(tables: None, sign_in: SignIn, session_id: str) -> None:
    answer = sign_in("Support").get(f"{SESSIONS}{session_id}/change/")
    assert (answer.status_code, "No such session" in answer.content.decode()) == (404, True)
    assert LogEntry.objects.count() == 0
