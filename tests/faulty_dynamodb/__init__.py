"""A DynamoDB that misbehaves as a test wants it to: a proxy before MiniStack that plays faults by operation.

What no fault is scripted for goes through untouched, so a test sees its data as they really became.
"""

from .dynamodb import FaultyDynamoDB
from .script import Kind, Operation, Request

__all__ = ["FaultyDynamoDB", "Kind", "Operation", "Request"]
