"""The list of sessions: found by id, by owner and by words, narrowed by filters, walked page by page."""

import datetime as dt

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignedIn
from tests.browser.looks import look_at
from tests.conversations.admin.stored import YESTERDAY, a_session, a_stuck_session, said, sessions

SESSIONS = "/admin/conversations/session/"


def titles(page: Page) -> Locator:
    """The titles that are listed, which lead to their sessions."""
    return page.locator("th.field-title a")


def test_a_session_is_found_by_its_id_its_owner_and_its_words(signed_in: SignedIn) -> None:
    sessions(60, prefix="other-", owner="bob")
    a_session("s-42", owner="carol@example.com", title="Refund for order 1234")
    a_session("s-43", owner="carol@example.com", at=YESTERDAY - dt.timedelta(minutes=5), state="failed")
    said("s-43", "Where is the purple umbrella?", "On its way.")
    a_stuck_session("s-44", at=YESTERDAY - dt.timedelta(minutes=9), title="Größe " * 20, owner="d" * 80)
    page = signed_in("Support")
    page.goto("/admin/")
    page.get_by_role("link", name="Sessions", exact=True).first.click()
    expect(titles(page)).to_have_count(50)
    look_at(page, "sessions")
    page.get_by_role("link", name="Older").click()
    expect(titles(page)).to_have_count(13)

    page.get_by_label("Session id or owner, exactly").fill("s-42")
    page.get_by_role("button", name="Search").click()
    expect(titles(page)).to_have_text(["Refund for order 1234"])

    page.get_by_label("Session id or owner, exactly").fill("carol@example.com")
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text(["Refund for order 1234", "Title of s-43"])
    look_at(page, "sessions-of-an-owner")

    page.get_by_label("Session id or owner, exactly").fill("")
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_count(50)
    page.get_by_label("Owner, exactly", exact=True).fill("carol@example.com")
    page.get_by_label("Owner, exactly", exact=True).press("Enter")
    page.get_by_label("Words that were said").fill("umbrella PURPLE")
    page.get_by_role("button", name="Search").click()
    expect(titles(page)).to_have_text(["Title of s-43"])
    expect(page.get_by_text("newest messages of 2 sessions (2 messages)")).to_be_visible()
    look_at(page, "sessions-by-words")

    page.goto(f"{SESSIONS}?q=carol@example.com")
    page.get_by_label("Words that were said").fill("umbrella")
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text(["Title of s-43"])
    page.get_by_label("Session id or owner, exactly").fill("s-43")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is the id of a session")).to_be_visible()
    expect(page.get_by_label("Session id or owner, exactly")).to_have_value("s-43")
    expect(page.get_by_label("Words that were said")).to_have_value("umbrella")


def test_filters_are_taken_back_one_by_one(signed_in: SignedIn) -> None:
    sessions(3, owner="bob")
    a_session("broken", owner="bob", state="failed")
    a_session("other", owner="carol", state="failed")
    page = signed_in("Support")
    page.goto(SESSIONS)
    page.get_by_role("link", name="failed", exact=True).click()
    expect(titles(page)).to_have_text(["Title of other", "Title of broken"])
    page.get_by_label("Owner, exactly", exact=True).fill("bob")
    page.get_by_label("Owner, exactly", exact=True).press("Enter")
    expect(titles(page)).to_have_text(["Title of broken"])
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(titles(page)).to_have_text(["Title of other", "Title of broken"])


def test_a_search_without_a_result_says_so(signed_in: SignedIn) -> None:
    page = signed_in("Support")
    page.goto(f"{SESSIONS}?q=nothing")
    expect(page.get_by_text("0 sessions on this page")).to_be_visible()
    look_at(page, "sessions-none")
