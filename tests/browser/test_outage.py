"""DynamoDB away: pages about sessions say so, and the rest of the admin works."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import Complaints
from tests.browser.looks import look_at
from tests.faulty_dynamodb import FaultyDynamoDB


@pytest.mark.parametrize(
    "path",
    [
        "conversations/session/",
        "conversations/stuckturn/",
        "conversations/usage/?since=2024-01-01&until=2024-01-02",
        "access/apikey/",
    ],
)
def test_a_page_says_that_dynamodb_is_away(
    operator: Page, complaints: Complaints, faulty: FaultyDynamoDB, path: str
) -> None:
    for operation in ("Query", "GetItem", "BatchGetItem"):
        faulty.fault("server_error", operation, times=None)
    complaints.expect_status(503)
    operator.goto(f"/admin/{path}")
    expect(operator.get_by_role("heading", name="DynamoDB cannot be reached")).to_be_visible()
    look_at(operator, f"outage-{path.split('/')[1]}")
    operator.get_by_role("link", name="To the start page").click()
    operator.get_by_role("link", name="API keys").first.wait_for()
    operator.goto("/admin/admin/logentry/")
    expect(operator.get_by_role("heading", name="Audit trail")).to_be_visible()

    faulty.recover()
    operator.goto(f"/admin/{path}")
    expect(operator.get_by_role("heading", name="DynamoDB cannot be reached")).to_have_count(0)
