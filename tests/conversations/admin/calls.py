"""How many calls a page makes of DynamoDB."""

import json

from tests.faulty_dynamodb import FaultyDynamoDB


def calls_made(dynamodb: FaultyDynamoDB) -> list[str]:
    """The operations asked for since the last look; a try that the SDK repeated on a busy machine counts once."""
    asked = {(each.operation, json.dumps(each.body, sort_keys=True)): each.operation for each in dynamodb.requests}
    return list(asked.values())
