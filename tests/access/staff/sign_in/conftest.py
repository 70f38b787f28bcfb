"""An issuer that staff sign in at, and browsers that go there."""

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

import access.staff.urls  # noqa: F401  # here, so that the project's own pages are known before any issuer is set
from access.staff.sign_in import issuer as module
from tests.conftest import NO_TLS

from . import urls
from .staff_issuer import CLIENT_ID, CLIENT_SECRET, StaffIssuer

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer  # the stubs' name for what a Client returns

BEGIN, CALLBACK = "/admin/oidc/sign-in", "/admin/oidc/callback"


@pytest.fixture
def issuer(settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StaffIssuer]:
    """The issuer of the settings, whose groups chat-support and chat-leads mean Support and Operator."""
    module._endpoints.clear()  # an earlier test may have had an issuer on the same port
    monkeypatch.setattr(module, "_keys", {})
    local = StaffIssuer()
    settings.STAFF_OIDC_ISSUER = local.url
    settings.STAFF_OIDC_NAME = "Example ID"
    settings.STAFF_OIDC_CLIENT_ID = CLIENT_ID
    settings.STAFF_OIDC_CLIENT_SECRET = CLIENT_SECRET
    settings.STAFF_OIDC_GROUPS = {"chat-support": "Support", "chat-leads": "Operator", "chat-ghosts": "Ghosts"}
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "access.staff.sign_in.backend.IssuerBackend",
    ]
    settings.ROOT_URLCONF = urls.__name__
    thread = threading.Thread(target=local.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield local
    local.open.set()
    local.shutdown()
    thread.join()
    local.server_close()


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"user-agent": "test"})


def at_the_issuer(visitor: Client, *, following: str | None = None) -> str:
    """Begins a sign-in and goes to the issuer: the address that the issuer sends the browser back to."""
    begun = visitor.get(BEGIN, {} if following is None else {"next": following})
    assert begun.status_code == 302, begun.content.decode()
    with httpx.Client(verify=NO_TLS) as network:
        return network.get(begun["Location"]).headers["Location"]


def there_and_back(visitor: Client, *, following: str | None = None) -> "Answer":
    """A whole sign-in: what the browser is answered in the end."""
    return visitor.get(at_the_issuer(visitor, following=following))
