"""The dashboard of usage and cost: figures, charts, the table under each, and the file of all of it."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, expect

from access.keys.create_key import create_key
from tests.browser.looks import look_at
from tests.conversations.admin.stored import TODAY, a_session
from tests.conversations.admin.usage_stored import MICRO, PRO, booked
from tests.faulty_dynamodb import FaultyDynamoDB

# The first page copies a month of closed days, which takes as long as it may on a busy machine.
COPYING_MILLISECONDS = 60_000


# One test of all: the site keeps copies of closed days, whatever becomes of the tables.
def test_the_dashboard_shows_what_the_ledger_holds(operator: Page, faulty: FaultyDynamoDB, tmp_path: Path) -> None:
    # Not yesterday, which is not closed in the first hours of a day.
    days = [str(TODAY - dt.timedelta(days=back)) for back in range(2, 7)]
    for number, day in enumerate(days):
        cost = (number + 1) * 1_250_000_000
        booked(day, "alice", turns=40 + number, errors=number, latency_ms=48_000, cost_nano_usd=cost, input_tokens=9000)
        booked(day, "bob", MICRO, turns=9, latency_ms=4500, cost_nano_usd=20, output_tokens=700, cache_read_tokens=500)
    booked(days[0], "<b>eve</b>", "model<script>", turns=1, cost_nano_usd=1)
    a_session("dear", title="A dear one", cost_nano_usd=18_000_000_000)
    create_key(owner="alice", name="Web shop", scopes=["chat"], monthly_budget_usd=Decimal(20))
    operator.set_default_timeout(COPYING_MILLISECONDS)
    operator.goto("/admin/")
    operator.get_by_role("link", name="Usage and cost").first.click()
    operator.get_by_role("link", name="Last 7 days").click()

    tiles = operator.locator("dl.tiles > div")
    expect(tiles.filter(has_text="Turns answered").locator("dd")).to_have_text("256")
    expect(tiles.filter(has_text="Cost").locator("dd")).to_have_text("18.750000101 USD")
    expect(operator.get_by_role("img").first).to_be_visible()
    for chart in operator.locator("main svg").all():
        assert chart.get_attribute("aria-label")
    expect(operator.locator("main script, main style")).to_have_count(0)
    look_at(operator, "usage")
    for closed in operator.locator("main details:not([open]) > summary").all():
        closed.click()
    for name, picture in (("Dearest sessions", "usage-dearest"), ("Month to date against budgets", "usage-budgets")):
        section = operator.locator("section", has=operator.get_by_role("heading", name=name))
        expect(section.get_by_role("row")).to_have_count(2)
        look_at(operator, picture, part=section)

    operator.get_by_role("link", name="Export CSV").click()
    expect(operator.get_by_role("heading", name="Export usage and cost")).to_be_visible()
    look_at(operator, "usage-export")
    with operator.expect_download() as download:
        operator.get_by_role("button", name="Export CSV").click()
    download.value.save_as(tmp_path / "usage.csv")
    with (tmp_path / "usage.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 11
    assert sum(int(line["turns answered"]) for line in lines) == 256
    assert {line["model"] for line in lines} == {PRO, MICRO, "model<script>"}

    operator.go_back()
    operator.get_by_role("navigation", name="Figure of the charts").get_by_role("link", name="Tokens").click()
    expect(operator.get_by_role("img", name="Chart: Tokens by owner")).to_be_visible()
    look_at(operator, "usage-tokens")
    operator.get_by_label("Owner, exactly").fill("bob")
    operator.get_by_role("button", name="Show").click()
    expect(tiles.filter(has_text="Turns answered").locator("dd")).to_have_text("45")
    expect(operator.get_by_role("img", name="Chart: Tokens by day")).to_be_visible()

    operator.get_by_role("link", name="All owners and models").click()
    for operation in ("Query", "GetItem", "BatchGetItem"):
        faulty.fault("server_error", operation, times=None)
    operator.get_by_role("link", name="Last 30 days").click()
    expect(operator.get_by_role("alert")).to_contain_text("DynamoDB does not answer")
    expect(tiles.filter(has_text="Turns answered").locator("dd")).to_have_text("256")
    look_at(operator, "usage-outage")
    faulty.recover()
    operator.get_by_role("link", name="Try again").click()
    expect(operator.get_by_role("alert")).to_have_count(0)
