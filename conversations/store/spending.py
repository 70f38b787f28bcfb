"""Tokens as messages, sessions and the ledger hold them: under the same names (`tables.SpendingRow`)."""

from typing import Any

from bedrock_client import Usage
from dynamodb_client.encoding import number


def usage_from_item(item: dict[str, Any]) -> Usage:
    """What an answer used, or the sum of what many did; nothing where the attributes are absent."""
    return Usage(
        input_tokens=number(item, "InputTokens"),
        output_tokens=number(item, "OutputTokens"),
        cache_read_tokens=number(item, "CacheReadTokens"),
        cache_write_tokens=number(item, "CacheWriteTokens"),
    )
