"""Tables of DynamoDB as they stand, for the deploy scripts and the restore drill."""

from typing import Any


def describe(client: Any, name: str) -> dict[str, Any] | None:  # noqa: ANN401  # boto3 makes its clients at run time
    """DescribeTable's description; None where the client's region has no such table."""
    try:
        found: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return None
    return found
