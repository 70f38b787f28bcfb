"""The calls of a turn as the server makes them, shortened."""

from typing import Any

ASSIGNMENTS = "SET #0 = :0, #1 = if_not_exists (#1, :1), #2 = if_not_exists (#2, :2), #3 = :3, #3.#4 = :4 REMOVE #5"


def update(session_id: str) -> dict[str, Any]:
    return {
        "TableName": "ChatbotConversations",
        "Key": {"SessionId": {"S": session_id}, "Timestamp": {"S": "#session"}},
        "UpdateExpression": ASSIGNMENTS,
        "ExpressionAttributeNames": {
            "#0": "Owner",
            "#1": "Title",
            "#2": "CreatedAt",
            "#3": "PendingTurn",
            "#4": "State",
            "#5": "ExpiresAt",
        },
        "ExpressionAttributeValues": {
            ":0": {"S": "anonymous"},
            ":1": {"S": "Hello"},
            ":2": {"S": "2026-11-23T09:30:00.000000Z"},
            ":3": {"M": {"TurnId": {"S": "t1"}}},
            ":4": {"S": "pending"},
        },
        "ReturnValues": "ALL_NEW",
    }


def converse() -> dict[str, Any]:
    return {
        "modelId": "us.amazon.nova-pro-v1:0",
        "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
        "inferenceConfig": {"maxTokens": 2000},
    }


def turn() -> dict[str, dict[str, Any]]:
    item = {"SessionId": {"S": "new-1"}, "Timestamp": {"S": "2026-11-23T09:30:00.000000Z"}}
    return {
        "UpdateItem": update("new-1"),
        "Converse": converse(),
        "ConverseStream": converse(),
        "TransactWriteItems": {"TransactItems": [{"Put": {"TableName": "ChatbotConversations", "Item": item}}]},
    }
