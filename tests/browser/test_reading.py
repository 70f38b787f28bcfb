"""A session as a readable chat: long ones page by page, and hostile ones without harm."""

import datetime as dt
import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignedIn
from tests.browser.looks import look_at
from tests.conversations.admin.stored import YESTERDAY, a_session, pending, said

SESSIONS = "/admin/conversations/session/"
ANSWER = """## Steps

1. **Open** the door
2. Read the [guide](https://example.com/guide)

| size | price |
|---|---|
| small | 3.50 |

```python
def greet(name: str) -> str:
    return f"Hello, {name}"
```
"""
HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>",
    "[click](javascript:alert(4)) <a href='javascript:alert(5)' onclick='alert(6)'>here</a> [data](data:text/html,x)",
    "![pixel](https://tracker.example/pixel.png) <img src='//tracker.example/p.png'> ![d](data:image/gif,x)",
    "<style>body{display:none}</style><iframe srcdoc='<script>alert(7)</script>'></iframe><base href=//evil.example>",
    "</div></article></ol></main><form action=//evil.example><input name=password autofocus onfocus=alert(8)>",
    "\u202ethgir ot tfel\u202c مرحبا بالعالم 123 abc",
    "```html\n<script>alert(9)</script>\n```\n\nאמת **גמר**",
]


def messages(page: Page) -> Locator:
    return page.get_by_role("article")


def test_a_long_transcript_is_read_page_by_page(signed_in: SignedIn) -> None:
    texts = [f"message {number}" for number in range(120)]
    texts[70:72] = ["Two\n  lines", ANSWER]
    a_session("long", title="How to open a door", message_count=120, system="Be brief.")
    said("long", *texts)
    page = signed_in("Support")
    page.goto(f"{SESSIONS}?q=long")
    page.get_by_role("link", name="How to open a door").click()
    expect(messages(page)).to_have_count(50)
    question, answer = messages(page).nth(0), messages(page).nth(1)
    expect(question.get_by_text("Two\n  lines", exact=True)).to_have_css("white-space", "pre-wrap")
    expect(answer.get_by_role("heading", name="Steps")).to_be_visible()
    expect(answer.get_by_role("cell", name="3.50")).to_be_visible()
    expect(answer.get_by_role("link", name="guide")).to_have_attribute("rel", "noopener noreferrer nofollow")
    code = answer.locator("pre code")
    assert code.inner_text() == 'def greet(name: str) -> str:\n    return f"Hello, {name}"\n'
    expect(answer.locator("dd")).to_have_text(
        ["us.amazon.nova-pro-v1:0", "us-east-1", "46", "0.0001184 USD", "1,234 ms", "end_turn"]
    )
    look_at(page, "transcript")

    page.get_by_role("link", name="Previous").first.click()
    expect(messages(page).first).to_contain_text("message 20")
    page.get_by_role("link", name="First").first.click()
    expect(messages(page).first).to_contain_text("message 0")
    page.get_by_role("link", name="Latest").first.click()
    page.get_by_role("link", name="Show as written").first.click()
    expect(messages(page).nth(1)).to_contain_text("**Open** the door")


def test_a_long_title_without_spaces_stays_in_the_window(signed_in: SignedIn) -> None:
    a_session("wide", title="W" * 200, owner="o" * 100)
    said("wide", "Hello", "Hi")
    page = signed_in("Support")
    page.goto(f"{SESSIONS}wide/change/")
    expect(page.get_by_role("heading", level=1)).to_have_text("W" * 200)
    look_at(page, "transcript-wide")
    page.goto(f"{SESSIONS}?q=wide")
    expect(page.locator("th.field-title")).to_have_text(["W" * 200])
    look_at(page, "sessions-wide")
    page.goto("/admin/")
    expect(page.locator(".actionlist li").first).to_have_text(re.compile(r"wide\s+Read: session"))
    look_at(page, "start")


def test_times_are_the_viewers_with_utc_on_hover(signed_in: SignedIn) -> None:
    a_session("one")
    said("one", "Hello", "Hi")
    page = signed_in("Support")
    page.goto(f"{SESSIONS}one/change/")
    shown = messages(page).first.locator("time")
    tokyo = YESTERDAY.astimezone(dt.timezone(dt.timedelta(hours=9)))
    month = "Sept" if tokyo.month == 9 else f"{tokyo:%b}"  # as the browser's English has it
    expect(shown).to_have_text(f"{tokyo.day} {month} {tokyo:%Y, %H:%M:%S} GMT+9")
    expect(shown).to_have_attribute("title", f"{YESTERDAY:%Y-%m-%d %H:%M:%S} UTC")


def test_a_hostile_transcript_does_nothing(signed_in: SignedIn) -> None:
    a_session(
        "evil",
        title=HOSTILE[0],
        owner="<b onmouseover=alert(1)>\u202e",
        system=HOSTILE[4],
        state="failed",
        message_count=len(HOSTILE) * 2 + 2,
        pending=pending(lease_until=YESTERDAY, state="failed", message=HOSTILE[0], partial=HOSTILE[1]),
    )
    said("evil", *[text for hostile in HOSTILE for text in (hostile, hostile)], "wide " * 20_000, "[" * 100_000)
    page = signed_in("Operator")
    page.goto(f"{SESSIONS}evil/change/")
    expect(messages(page)).to_have_count(len(HOSTILE) * 2 + 2 + 2)
    look_at(page, "transcript-hostile")
    for summary in page.locator("main summary").all():
        summary.click()
    for link in page.get_by_role("main").get_by_role("link").all():
        link.hover()
        assert (link.get_attribute("href") or "").startswith(("/admin/", "https://", "http://", "?"))
    expect(page.locator("main img, main iframe, main svg, main script, main style, main input")).to_have_count(0)
    expect(page.locator("main form")).to_have_count(0)
    expect(messages(page).nth(2)).to_contain_text(HOSTILE[0])
    page.goto(f"{SESSIONS}?day={YESTERDAY.date()}")
    expect(page.locator("th.field-title")).to_have_text([HOSTILE[0]])
    look_at(page, "sessions-hostile")
