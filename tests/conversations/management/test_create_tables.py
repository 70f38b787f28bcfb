"""`manage.py create_tables`, which may be run again."""

from io import StringIO

import httpx
from django.core.management import call_command

from dynamodb_client.client import dynamodb_client


def create_tables() -> str:
    out = StringIO()
    call_command("create_tables", stdout=out)
    return out.getvalue()


def test_makes_what_is_missing_and_nothing_twice(ministack: str) -> None:
    httpx.post(f"{ministack}/_ministack/reset").raise_for_status()
    assert create_tables() == "Created ChatbotConversations, ChatbotUsage, ChatbotApiKeys.\n"
    assert create_tables() == "All tables are there.\n"


def test_the_table_has_its_keys_indexes_and_ttl(tables: None) -> None:
    table = dynamodb_client().describe_table(TableName="ChatbotConversations")["Table"]
    assert table["KeySchema"] == [
        {"AttributeName": "SessionId", "KeyType": "HASH"},
        {"AttributeName": "Timestamp", "KeyType": "RANGE"},
    ]
    assert sorted(index["IndexName"] for index in table["GlobalSecondaryIndexes"]) == ["ActivityIndex", "OwnerIndex"]
    ttl = dynamodb_client().describe_time_to_live(TableName="ChatbotConversations")["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "ExpiresAt")
