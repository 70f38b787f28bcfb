"""Staff's pages in Debian's chromium: a server, a browser for each worker, and a fresh context for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, expect, sync_playwright
from pytest_playwright.pytest_playwright import CreateContextCallback

from tests.browser import looks, site
from tests.browser.chromium import ARGUMENTS, CHROMIUM, NO_CHROMIUM
from tests.browser.complaints import Complaints
from tests.browser.site import PASSWORD, Site
from tests.faulty_dynamodb import FaultyDynamoDB

# A busy machine is no finding.
WAIT_MILLISECONDS = 15_000
expect.set_options(timeout=WAIT_MILLISECONDS)

MakeContext = Callable[..., BrowserContext]
SignedIn = Callable[[str], Page]


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ends with these tests: while it runs, its event loop is in the way of every other test that opens a database."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser:
        yield browser


@pytest.fixture(scope="package")
def faulty(playwright: Playwright, ministack: str) -> Iterator[FaultyDynamoDB]:
    """The DynamoDB of the site."""
    dynamodb = FaultyDynamoDB(ministack)
    yield dynamodb
    dynamodb.stop()


@pytest.fixture(scope="package")
def staff_site(faulty: FaultyDynamoDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for each worker; its accounts and audit trail stay from test to test, its tables do not."""
    running = site.start(tmp_path_factory.mktemp("site"), dynamodb=faulty.url)
    yield running
    running.process.kill()


@pytest.fixture(scope="package")
def browser_context_args(staff_site: Site) -> dict[str, Any]:
    """A viewer in Tokyo, nine hours before UTC, at a laptop."""
    return {
        "base_url": staff_site.url,
        "locale": "en-GB",
        "timezone_id": "Asia/Tokyo",
        "viewport": looks.LAPTOP,
        "color_scheme": "light",
    }


@pytest.fixture(scope="package")
def cookies() -> dict[str, StorageState]:
    """Of the roles that have signed in on this site."""
    return {}


@pytest.fixture(autouse=True)
def closed_database() -> None:
    """These tests open no database of their own, and what others left may not be touched beside an event loop."""


@pytest.fixture
def complaints(staff_site: Site) -> Iterator[Complaints]:
    """Of all browsers of a test, which fails for those that it did not expect."""
    heard = Complaints(staff_site.url)
    yield heard
    assert heard.unexpected() == []


@pytest.fixture
def watched(
    complaints: Complaints, new_context: CreateContextCallback, faulty: FaultyDynamoDB, tables: None
) -> Iterator[MakeContext]:
    """Makes contexts, over empty tables."""

    def make(**options: Any) -> BrowserContext:  # noqa: ANN401  # those of Playwright
        context = new_context(**options)
        context.set_default_timeout(WAIT_MILLISECONDS)
        complaints.listen(context)
        return context

    yield make
    faulty.recover()


@pytest.fixture
def stranger(watched: MakeContext) -> Page:
    """A page of somebody who is not signed in."""
    return watched().new_page()


@pytest.fixture
def signed_in(watched: MakeContext, cookies: dict[str, StorageState]) -> SignedIn:
    """A page of a member of staff of this role. Each role signs in once by the form, later tests have its cookies."""

    def open_page(role: str) -> Page:
        if role not in cookies:
            page = watched().new_page()
            page.goto("/admin/")
            page.get_by_label("Username").fill(role.lower())
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_role("button", name="Log out")).to_be_visible()
            cookies[role] = page.context.storage_state()
        return watched(storage_state=cookies[role]).new_page()

    return open_page


@pytest.fixture
def operator(signed_in: SignedIn) -> Page:
    """A page of a member of staff who may do everything."""
    return signed_in("Operator")
