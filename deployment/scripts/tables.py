"""Whether the tables are there that a stack of Terraform reads."""

from typing import Any


def there(client: Any, *, name: str) -> bool:  # noqa: ANN401  # boto3 makes its clients at run time
    """Whether the client's region has a table of this name, in whatever state."""
    try:
        client.describe_table(TableName=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True
