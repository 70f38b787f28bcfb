"""DynamoDB as the drill speaks to it: with timeouts, over the AWS SDK's own sources of credentials and endpoints."""

from typing import Any, TypeAlias

import boto3
from botocore.config import Config

# boto3 makes the classes of its clients at run time.
Client: TypeAlias = Any

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 30, 5


def make_client(region: str) -> Client:
    """A client in this region."""
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )
    return boto3.Session().client("dynamodb", region_name=region, config=config)
