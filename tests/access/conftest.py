"""The cast of the access tests: an issuer that the settings trust, a publisher of load balancers' keys, and a clock."""

import threading
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from access.limits import counting
from access.oidc import tokens

from .clock import Clock
from .local_issuer import AUDIENCE, LocalIssuer
from .publisher import Publisher


@pytest.fixture(autouse=True)
def nothing_counted(settings: Settings) -> None:
    """What other tests counted is forgotten."""
    settings.REDIS_URL = ""
    counting._make_shared.cache_clear()
    counting._make_windows.cache_clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _served(server: Publisher) -> Iterator[Publisher]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.open.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    yield from _served(Publisher())


@pytest.fixture
def issuer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIssuer]:
    """An issuer whose tokens are accepted."""
    monkeypatch.setattr(tokens, "_caches", {})  # an earlier test may have had an issuer on the same port
    local = LocalIssuer()
    settings.OIDC_ISSUER = local.url
    settings.OIDC_AUDIENCE = ["another-app", AUDIENCE]
    for _ in _served(local):
        yield local
