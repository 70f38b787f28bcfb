"""Clients for Bedrock: made once a process and region, and never slower than the deadline."""

import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from django.conf import settings

from core.aws_clients import make_client

from .filtered import keep_error_field

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

CONNECT_SECONDS = 2.0
LISTING_SECONDS = 5.0
# More connections than this are more files than many systems let a process open.
MOST_CONNECTIONS = 1_000

_making = threading.Lock()
_read_seconds: ContextVar[float] = ContextVar("bedrock_read_seconds")


def runtime(region: str) -> "BedrockRuntimeClient":
    """The client for model calls in a region. Raises botocore's errors when profile or region are unusable."""
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


@contextmanager
def reading_within(seconds: float) -> Iterator[None]:
    """Inside, a model call gives up when Bedrock is silent for so long."""
    token = _read_seconds.set(seconds)
    try:
        yield
    finally:
        _read_seconds.reset(token)


@cache
def _runtime(region: str) -> "BedrockRuntimeClient":
    config = _config(read_seconds=settings.CHAT_DEADLINE_SECONDS)
    client: BedrockRuntimeClient = make_client("bedrock-runtime", region, config)
    client.meta.events.register("before-call.bedrock-runtime", _apply_read_seconds)
    client.meta.events.register("before-parse.bedrock-runtime.Converse", keep_error_field)
    return client


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


def _apply_read_seconds(context: MutableMapping[str, Any], **_event: object) -> None:
    # A client has one read timeout; this key is botocore's override for a single call:
    # https://github.com/boto/botocore/pull/3770
    seconds = _read_seconds.get(None)
    if seconds is not None:
        context["read_timeout"] = seconds
