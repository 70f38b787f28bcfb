"""What staff do with a session, each on record: export, erase, end a stuck turn, edit the title."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conversations.store import erasing
from tests.browser.complaints import Complaints
from tests.browser.looks import look_at
from tests.conversations.admin.stored import YESTERDAY, a_session, a_stuck_session, said

SESSIONS = "/admin/conversations/session/"


def audit_trail(page: Page, session_id: str) -> list[str]:
    """What was done with a session and why, as the audit trail shows it, newest first."""
    page.goto(f"/admin/admin/logentry/?q={session_id}")
    rows = page.locator("#result_list tbody tr")
    expect(rows.first).to_be_visible()
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    return [" ".join((row[0], row[1], row[3])) for row in cells]


@pytest.mark.parametrize(("kind", "ending"), [("JSON", "json"), ("Markdown", "md")])
def test_a_session_is_exported(operator: Page, tmp_path: Path, kind: str, ending: str) -> None:
    a_session(f"exported-{ending}", title="Größe")
    said(f"exported-{ending}", "What is\n  2 + 2?", "**Four**, مرحبا")
    operator.goto(f"{SESSIONS}exported-{ending}/change/")
    operator.get_by_role("link", name="Export", exact=True).click()
    operator.get_by_label(kind).check()
    operator.get_by_label("Reason").fill("Ticket 7")
    look_at(operator, "export")
    with operator.expect_download() as download:
        operator.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "export")

    exported = (tmp_path / "export").read_text()
    assert download.value.suggested_filename == f"session-exported-{ending}.{ending}"
    if ending == "json":
        body = json.loads(exported)
        assert body["session"]["title"] == "Größe"
        assert [message["content"] for message in body["messages"]] == ["What is\n  2 + 2?", "**Four**, مرحبا"]
    else:
        assert "\n## Title\n\n    Größe\n" in exported
        assert "\n\n    What is\n      2 + 2?\n" in exported
        assert exported.endswith("\n\n    **Four**, مرحبا\n\nEnd of the export: 2 messages.\n")
    assert audit_trail(operator, f"exported-{ending}") == ["operator export Ticket 7", "operator read -"]


def test_a_session_is_erased_and_gone(operator: Page, complaints: Complaints) -> None:
    a_session("to-forget", title="To be forgotten")
    a_session("kept", title="To be kept")
    said("to-forget", "Hello", "Hi")
    operator.goto(f"{SESSIONS}to-forget/change/")
    operator.get_by_role("link", name="Erase", exact=True).click()
    expect(operator.get_by_text("nobody can bring it back")).to_be_visible()
    look_at(operator, "erase")
    operator.get_by_role("link", name="No, take me back").click()
    expect(operator.get_by_role("article")).to_have_count(2)

    operator.get_by_role("link", name="Erase", exact=True).click()
    operator.get_by_label("Reason").fill("Request of the owner")
    operator.get_by_role("button", name="Erase the session").click()
    expect(operator.get_by_role("heading", name="Removed")).to_be_visible()
    expect(operator.locator("ul.receipt li")).to_have_text(["to-forget"])
    look_at(operator, "receipt")

    operator.goto(SESSIONS)
    expect(operator.locator("th.field-title")).to_have_text(["To be kept"])
    complaints.expect_status(404)
    operator.goto(f"{SESSIONS}to-forget/change/")
    expect(operator.get_by_role("heading", name="No such session")).to_be_visible()
    assert audit_trail(operator, "to-forget") == [
        "operator erase Request of the owner",
        "operator read -",
        "operator read -",
    ]
    look_at(operator, "audit-trail")
    operator.locator("#result_list tbody th a").first.click()
    expect(operator.get_by_text('"erased": [')).to_be_visible()
    look_at(operator, "audit-entry")


def test_a_stuck_turn_is_ended(operator: Page) -> None:
    a_stuck_session("stuck", title="Waits for an answer", owner="carol")
    said("stuck", "Hello", "Hi")
    operator.goto("/admin/")
    operator.get_by_role("link", name="Stuck turns").first.click()
    expect(operator.get_by_role("heading", name="Stuck turns", exact=True, level=1)).to_be_visible()
    look_at(operator, "stuck-turns")
    operator.get_by_role("link", name="stuck", exact=True).click()
    expect(operator.get_by_role("heading", name="Failed turn")).to_be_visible()
    expect(operator.get_by_role("article", name="User, not answered")).to_have_text("Are you there?")
    look_at(operator, "transcript-stuck")
    operator.get_by_role("link", name="Cancel turn").click()
    operator.get_by_role("button", name="Cancel the turn").click()

    expect(operator.get_by_text("The session has no turn under way any more.")).to_be_visible()
    expect(operator.get_by_role("heading", name="Failed turn")).to_have_count(0)
    expect(operator.locator("dl.facts .state")).to_have_text("idle")
    operator.goto("/admin/conversations/stuckturn/")
    expect(operator.get_by_text("None.", exact=True).first).to_be_visible()
    expect(operator.get_by_role("region", name="Stuck turns")).to_have_count(0)
    assert audit_trail(operator, "stuck") == ["operator read -", "operator cancel -", "operator read -"]


def test_an_erasing_that_broke_off_is_gone_on_with(operator: Page) -> None:
    a_session("half-gone", title="Never seen", owner="d" * 80)
    said("half-gone", "Hello", "Hi")
    erasing.mark("half-gone", owner="d" * 80, now=YESTERDAY)
    operator.goto("/admin/conversations/stuckturn/")
    expect(operator.get_by_role("region", name="Erasing that broke off").locator("tbody tr")).to_have_count(1)
    look_at(operator, "erasing-that-broke-off")
    operator.get_by_role("link", name="Erase the rest of half-gone").click()
    operator.get_by_role("button", name="Erase the session").click()
    expect(operator.locator("ul.receipt li")).to_have_text(["half-gone"])
    operator.goto("/admin/conversations/stuckturn/")
    expect(operator.get_by_text("No erasing broke off.")).to_be_visible()
    assert audit_trail(operator, "half-gone") == ["operator erase -"]


def test_a_title_is_edited(operator: Page, complaints: Complaints) -> None:
    a_session("named", title="Old")
    operator.goto(f"{SESSIONS}named/change/")
    operator.get_by_role("link", name="Edit title").click()
    complaints.expect_status(400)
    operator.get_by_label("Title").fill("   ")
    operator.get_by_role("button", name="Save").click()
    expect(operator.get_by_text("Please correct what is marked below.")).to_be_visible()
    expect(operator.get_by_text("A title may not be blank.")).to_be_visible()
    look_at(operator, "title-refused")
    operator.get_by_label("Title").fill("Größe <b>")
    operator.get_by_role("button", name="Save").click()
    expect(operator.get_by_role("heading", level=1)).to_have_text("Größe <b>")
