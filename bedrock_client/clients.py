"""Clients for Bedrock: made once a process and region, and never slower than the deadline."""

import threading
from functools import cache
from typing import TYPE_CHECKING

from botocore.config import Config
from django.conf import settings

from core.aws_clients import make_client

from .operations import Runtime
from .runtime import make_runtime

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient

CONNECT_SECONDS = 2.0
LISTING_SECONDS = 5.0
# More connections than this are more files than many systems let a process open.
MOST_CONNECTIONS = 1_000

_making = threading.Lock()


def runtime(region: str) -> Runtime:
    """What makes model calls in a region. Raises botocore's errors when profile or region are unusable."""
    with _making:
        return _runtime(region)


def control_plane(region: str) -> "BedrockClient":
    """The client that lists models: patient for seconds only, because nobody's turn waits for a list."""
    with _making:
        return _control_plane(region)


def warm_up() -> None:
    """Make the clients of all regions, so that no turn pays for it. Opens no connection."""
    for region in settings.BEDROCK_REGIONS:
        runtime(region)


@cache
def _runtime(region: str) -> Runtime:
    return make_runtime(make_client("bedrock-runtime", region, _config(read_seconds=settings.CHAT_DEADLINE_SECONDS)))


@cache
def _control_plane(region: str) -> "BedrockClient":
    client: BedrockClient = make_client("bedrock", region, _config(read_seconds=LISTING_SECONDS))
    return client


def _config(*, read_seconds: float) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        max_pool_connections=min(settings.GUNICORN_CONNECTIONS, MOST_CONNECTIONS),
        tcp_keepalive=True,
        # Trying again is for attempts.py: botocore would resend a call whose read timed out, to be billed twice.
        retries={"total_max_attempts": 1},
        # Requests are built from typed values, and the default user agent is put together anew on every call.
        parameter_validation=False,
        user_agent="chatbot-backend",
    )
