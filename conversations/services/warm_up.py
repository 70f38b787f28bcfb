"""What a process does before its first request, so that the request does not pay for it."""

from access.limits.counting import shared_store
from bedrock_client import warm_up as warm_up_bedrock
from dynamodb_client.client import dynamodb_client


def warm_up() -> None:
    """Makes the clients of DynamoDB, Bedrock and, with REDIS_URL, Redis. Asks nobody over the network."""
    dynamodb_client()
    warm_up_bedrock()
    shared_store()
