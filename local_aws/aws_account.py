"""The user's own AWS account, for `make run-aws`: what must be there before the server starts."""

from collections.abc import Sequence

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.errors import LocalModeError

TIMEOUT_SECONDS = 5
MAX_ATTEMPTS = 2


def open_account(region: str | None) -> boto3.Session:
    """A session of the account that the SDK's chain of sources finds, in `region`, or in its own where that is None.

    Raises LocalModeError when there are no credentials; whether they are valid, AWS decides.
    """
    try:
        session = boto3.Session(region_name=region)
        found = session.get_credentials()
    except BotoCoreError as error:  # a profile that is not there, a file that cannot be read
        raise LocalModeError(f"Your AWS credentials cannot be used: {error}.") from error
    if found is None:
        raise LocalModeError(
            "No AWS credentials were found: sign in (`aws configure`, `aws sso login`) or set AWS_PROFILE,"
            " or use `make run`, which needs none."
        )
    return session


def require_tables(session: boto3.Session, region: str, names: Sequence[str]) -> None:
    """Raise LocalModeError when DynamoDB in `region` does not have one of the tables, or does not show them."""
    config = Config(
        connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": MAX_ATTEMPTS}
    )
    try:
        client = session.client("dynamodb", region, config=config)
        there = {table for page in client.get_paginator("list_tables").paginate() for table in page["TableNames"]}
    except (BotoCoreError, ClientError) as error:
        raise LocalModeError(f"DynamoDB does not show its tables: {error}.") from error
    if missing := [name for name in names if name not in there]:
        raise LocalModeError(
            f"DynamoDB in {region} has no {' and no '.join(missing)}:"
            " `make run-aws CREATE_TABLES=1` makes the tables, billed by request."
        )
