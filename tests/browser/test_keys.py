"""API keys: the secret of a new one stands on one page, once; a revoked one is over."""

import re

from playwright.sync_api import Page, expect

from tests.browser.complaints import Complaints
from tests.browser.looks import look_at

KEYS = "/admin/access/apikey/"


def test_a_key_is_created_and_its_secret_is_shown_once(operator: Page, complaints: Complaints) -> None:
    operator.goto("/admin/")
    operator.get_by_role("link", name="API keys").first.click()
    expect(operator.get_by_text("There are no keys here.")).to_be_visible()
    operator.get_by_role("link", name="Create a key").click()
    complaints.expect_status(400)
    operator.get_by_label("Owner").fill("web shop")
    operator.get_by_role("button", name="Create the key").click()
    expect(operator.get_by_text("Please correct what is marked below.")).to_be_visible()
    look_at(operator, "key-refused")

    operator.get_by_label("Owner").fill("web-shop")
    operator.get_by_label("Name").fill("Web shop, production")
    operator.get_by_label("history:delete: erase sessions").uncheck()
    operator.get_by_label("Rate limit").fill("600/minute")
    operator.get_by_label("Monthly budget in USD").fill("250")
    operator.get_by_role("button", name="Create the key").click()
    secret = operator.locator("#secret").inner_text()
    assert re.fullmatch(r"cb_[A-Za-z0-9_-]{43}", secret)
    look_at(operator, "key-created")

    complaints.expect_status(409)
    operator.reload()
    expect(operator.get_by_role("heading", level=1)).not_to_have_text("API key created")
    assert secret not in operator.content()
    look_at(operator, "key-form-sent-again")
    operator.goto(KEYS)
    operator.get_by_role("link", name="Web shop, production").click()
    expect(operator.locator("dl.facts .state")).to_have_text("active")
    assert secret not in operator.content()


def test_keys_with_long_names_fit_a_small_laptop(operator: Page) -> None:
    for name, owner in (("W" * 60, "o" * 60), ("Web shop, production", "anna@example.com")):
        operator.goto(f"{KEYS}add/?owner={owner}")
        operator.get_by_label("Name").fill(name)
        operator.get_by_label("Rate limit").fill("600/minute")
        operator.get_by_label("Monthly budget in USD").fill("1234.123456789")
        operator.get_by_label("Expires at (UTC)").fill("2039-11-23T12:30")
        operator.get_by_role("button", name="Create the key").click()
        expect(operator.locator("#secret")).to_be_visible()
    operator.goto(KEYS)
    expect(operator.locator("#result_list tbody tr")).to_have_count(2)
    look_at(operator, "keys-long")


def test_a_key_is_revoked(operator: Page) -> None:
    operator.goto(f"{KEYS}add/?owner=web-shop")
    operator.get_by_label("Name").fill("Web shop, staging")
    operator.get_by_role("button", name="Create the key").click()
    operator.get_by_role("link", name="I have kept the secret").click()
    key_id = operator.locator("dl.facts code").first.inner_text()
    operator.get_by_role("link", name="Revoke").click()
    operator.get_by_label("Reason").fill("It leaked")
    look_at(operator, "key-revoke")
    operator.get_by_role("button", name="Revoke the key").click()

    expect(operator.get_by_text(f"Key {key_id} is revoked")).to_be_visible()
    expect(operator.locator("dl.facts .state")).to_have_text("revoked")
    expect(operator.get_by_role("link", name="Revoke")).to_have_count(0)
    look_at(operator, "key-revoked")
    operator.goto(KEYS)
    expect(operator.locator("#result_list tbody .state")).to_have_text(["revoked"])
    look_at(operator, "keys")
    operator.goto(f"/admin/admin/logentry/?q={key_id}")
    expect(operator.locator("#result_list .field-action")).to_have_text(["revoke_key", "create_key"])
    expect(operator.locator("#result_list .field-reason").first).to_have_text("It leaked")
