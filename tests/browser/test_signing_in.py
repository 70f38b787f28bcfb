"""Signing in by name and password."""

from playwright.sync_api import Page, expect

from tests.browser.looks import look_at
from tests.browser.site import PASSWORD


def test_a_wrong_password_is_refused_and_the_right_one_lets_in(stranger: Page) -> None:
    stranger.goto("/admin/conversations/session/")
    expect(stranger).to_have_url("/admin/login/?next=/admin/conversations/session/")
    stranger.get_by_label("Username").fill("support")
    stranger.get_by_label("Password").fill("a wrong one")
    stranger.get_by_role("button", name="Log in").click()
    expect(stranger.get_by_text("Please enter the correct username and password")).to_be_visible()
    look_at(stranger, "sign-in-refused")

    stranger.get_by_label("Username").fill("support")
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Log in").click()

    expect(stranger.get_by_role("heading", name="Sessions", level=1)).to_be_visible()
    expect(stranger).to_have_url("/admin/conversations/session/")
    stranger.goto("/admin/")
    look_at(stranger, "start-page-of-support")
    stranger.get_by_role("button", name="Log out").click()
    stranger.goto("/admin/conversations/session/")
    expect(stranger.get_by_label("Password")).to_be_visible()
