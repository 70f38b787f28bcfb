"""Staff's pages without a mouse: everything is reached in a sensible order, and what has the focus is seen."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignedIn
from tests.conversations.admin.stored import YESTERDAY, a_session, pending, said

SESSIONS = "/admin/conversations/session/"
MOST_STOPS = 120
# The name of what has the focus, and whether it shows.
FOCUSED = """() => {
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    const name = focused.ariaLabel || focused.labels?.[0]?.textContent || focused.textContent || focused.value || "";
    return {
        name: focused === document.body ? "" : `${focused.tagName.toLowerCase()} ${name.trim().replace(/\\s+/g, " ")}`,
        isSeen: isOutlined || style.boxShadow !== "none",
        isInMain: Boolean(focused.closest("main")),
    };
}"""


def stops(page: Page) -> list[str]:
    """What the Tab key leads to in the page's main part, after the skip link, up to the end of the page."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to main content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    names: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if not focused["isInMain"]:
            return names
        assert focused["isSeen"], focused["name"]
        names.append(focused["name"])
    raise AssertionError("the Tab key never leaves the main part")


def test_a_transcript_is_walked_through_with_the_tab_key(signed_in: SignedIn) -> None:
    turn = pending(lease_until=YESTERDAY, state="failed")
    a_session("one", system="Be brief.", state="failed", pending=turn)
    said("one", "Hello", "See [here](https://example.com/)", "x" * 5000, "ok")
    page = signed_in("Operator")
    page.goto(f"{SESSIONS}one/change/")
    assert stops(page) == [
        "a Cancel turn",
        "a Export",
        "a Edit title",
        "a Erase",
        "a Erase all of the owner",
        "a Audit trail",
        "a alice: all sessions of this owner",
        "a usage of this owner",
        "summary System prompt",
        "a Show as written",
        "a here",
        "summary 5000 characters",
        "a Show as written",
    ]


def test_a_session_is_found_and_erased_without_a_mouse(signed_in: SignedIn) -> None:
    a_session("one", title="Only one")
    page = signed_in("Operator")
    page.goto(SESSIONS)
    order = stops(page)
    for earlier, later in (
        ("input Session id or owner, exactly", "input Words that were said"),
        ("input Words that were said", "a Only one"),
    ):
        assert order.index(earlier) < order.index(later)
    page.get_by_label("Session id or owner, exactly").focus()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Only one").press("Enter")
    page.get_by_role("link", name="Erase", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Erase this session")).to_be_visible()
    assert stops(page) == ["input Reason:", "input Erase the session", "a No, take me back"]
    page.get_by_role("button", name="Erase the session").press("Enter")
    expect(page.get_by_role("heading", name="Removed")).to_be_visible()
