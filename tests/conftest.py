"""What several tests need: MiniStack, empty tables, the scripted Bedrock, and the project served over HTTP."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import cast

import httpx
import hypothesis
import pytest
from botocore.awsrequest import AWSPreparedRequest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.urls import clear_script_prefix

from conversations.store import tables_state
from dynamodb_client import client
from local_aws.ministack import passing_ministack
from tests.browser.chromium import CHROMIUM, NO_CHROMIUM
from tests.faulty_dynamodb.fixtures import (  # noqa: F401  # fixtures
    client_of_dynamodb,
    dynamodb,
    faulty_dynamodb,
    hurried_client,
    waiting_client,
)
from tests.plain_http import Posts
from tests.scripted_bedrock.fixtures import bedrock  # noqa: F401  # a fixture

# Everything here is plain HTTP on this machine; making a context for TLS would cost each client 20 ms.
NO_TLS = ssl.create_default_context()
# Of a request to DynamoDB: the operation, and the account and region it is for.
SAID_AGAIN = ("X-Amz-Target", "Content-Type", "Authorization")


class _QuietHandler(WSGIRequestHandler):
    disable_nagle_algorithm = True  # or each answer on a kept-alive connection waits 40 ms for an acknowledgement

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Requests of a test are no news."""


# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

# MiniStack looks through every item for a page of 10,000, on a machine that runs other tests at the same time.
client.READ_TIMEOUT_SECONDS = 15


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--browser-required", action="store_true", help="fail where there is no browser to test with")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("browser_required") and CHROMIUM is None:
        raise pytest.UsageError(f"--browser-required: {NO_CHROMIUM}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests are begun first, so that no process ends with one of them alone; the order stays random otherwise."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MiniStack's address; one process for each worker of the test run."""
    folder = tmp_path_factory.mktemp("ministack")
    with passing_ministack(folder, services="dynamodb", port=settings.MINISTACK_PORT) as url:
        yield url


@pytest.fixture(autouse=True)
def closed_database() -> Iterator[None]:
    """Leaves no connection to the staff database open: the next request, of a test that may not use it, would look."""
    yield
    connections.close_all()


@pytest.fixture(autouse=True)
def no_script_prefix() -> Iterator[None]:
    """Leaves none behind: an event with a stage gives one to the thread that answers it, for reverse() to read."""
    yield
    clear_script_prefix()


@pytest.fixture(scope="session")
def empty_tables(ministack: str) -> Iterator[Callable[[], None]]:
    """Makes the project's tables anew. The first time, what makes them is noted; after that it is said again."""
    made: list[AWSPreparedRequest] = []

    def note(request: AWSPreparedRequest, **_: object) -> None:
        made.append(request)

    http = Posts(ministack)

    def say(path: str, headers: Mapping[str, str], body: bytes) -> None:
        answer = http.post(path, headers, body)
        assert answer.status == httpx.codes.OK, answer

    def empty() -> None:
        say("/_ministack/reset", {}, b"")
        for request in made:
            headers = {name: _text(request.headers[name]) for name in SAID_AGAIN}
            say("/", headers, cast("bytes", request.body))

    empty()
    made_by = ("before-send.dynamodb.CreateTable", "before-send.dynamodb.UpdateTimeToLive")
    events = client.dynamodb_client().meta.events
    for event in made_by:
        events.register(event, note)
    tables_state.create()
    for event in made_by:
        events.unregister(event, note)
    yield empty
    http.close()


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.fixture
def tables(empty_tables: Callable[[], None]) -> None:
    """The project's tables, empty."""
    empty_tables()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The project's WSGI application over HTTP, a thread for each connection."""
    from chatbot_project.wsgi import application

    wsgi = ThreadedWSGIServer(("127.0.0.1", 0), _QuietHandler)
    wsgi.set_app(application)
    thread = threading.Thread(target=wsgi.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{wsgi.server_address[1]}"
    wsgi.shutdown()
    thread.join()
    wsgi.server_close()


@pytest.fixture
def api(server: str, tables: None, bedrock: object) -> Iterator[httpx.Client]:  # noqa: F811  # the fixture above
    """A client of the running project, with empty tables and a Bedrock without a script."""
    with httpx.Client(base_url=server, timeout=30, verify=NO_TLS) as caller:
        yield caller
