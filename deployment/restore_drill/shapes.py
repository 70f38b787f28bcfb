"""Whether two tables are the same but for what they hold."""

from typing import Any


def differences(source: dict[str, Any], restored: dict[str, Any]) -> list[str]:
    """Which of keys, indexes, billing, maximums and encryption differ, of two answers of DescribeTable."""
    wanted, found = shape(source), shape(restored)
    return [name for name in wanted if wanted[name] != found[name]]


def shape(table: dict[str, Any]) -> dict[str, Any]:
    """What a table is, without what it is called and holds, in one order."""
    return {
        "keys": table["KeySchema"],
        "attributes": sorted((of["AttributeName"], of["AttributeType"]) for of in table["AttributeDefinitions"]),
        "indexes": {index["IndexName"]: _index(index) for index in table.get("GlobalSecondaryIndexes") or []},
        "billing": table.get("BillingModeSummary", {}).get("BillingMode"),
        "maximums": table.get("OnDemandThroughput"),
        "encryption": table.get("SSEDescription", {}).get("KMSMasterKeyArn"),
    }


def _index(index: dict[str, Any]) -> tuple[Any, ...]:
    projection = index["Projection"]
    attributes = sorted(projection.get("NonKeyAttributes", []))
    return index["KeySchema"], projection["ProjectionType"], attributes, index.get("OnDemandThroughput")
