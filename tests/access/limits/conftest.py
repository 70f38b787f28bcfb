"""A Redis, and requests of somebody."""

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from tests.measured import samples

from .redis_server import RedisServer

SendFrom = Callable[[str], HttpRequest]


@pytest.fixture
def redis_server(settings: Settings) -> Iterator[RedisServer]:
    """A Redis that the settings name."""
    server = RedisServer()
    settings.REDIS_URL = server.url
    yield server
    server.kill()


@pytest.fixture
def request_from() -> SendFrom:
    """A bare request from this address."""

    def make(address: str) -> HttpRequest:
        request: HttpRequest = RequestFactory().get("/sessions", REMOTE_ADDR=address)
        return request

    return make


@pytest.fixture
def unchecked() -> Callable[[str], float]:
    """How often a limit was not checked since the test began."""
    before = {limit: _passed(limit) for limit in ("rate", "failures", "turns")}
    return lambda limit: _passed(limit) - before[limit]


def _passed(limit: str) -> float:
    return samples().get(f'chatbot_limits_unchecked_total{{limit="{limit}"}}', 0.0)
