"""Settings that trust the load balancer, and its key at an address of this machine."""

import pytest
from pytest_django import Settings

from access.load_balancer.public_keys import PublicKeys
from tests.access.clock import Clock
from tests.access.publisher import Publisher

from .signing import ARN, CLIENT, publish


@pytest.fixture
def keys(publisher: Publisher, clock: Clock, settings: Settings) -> PublicKeys:
    settings.ALB_ARN = ARN
    settings.ALB_CLIENT_IDS = ["another-client", CLIENT]
    publish(publisher)
    return PublicKeys(publisher.url, clock=clock)
