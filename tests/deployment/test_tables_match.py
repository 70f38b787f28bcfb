"""The tables that Terraform makes are those of the models: keys, indexes, projections, TTL and names."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from dynamodb_client.client import dynamodb_client

STACK = Path(__file__).parents[2] / "deployment" / "terraform" / "data"
SHAPES: dict[str, Any] = json.loads((STACK / "shapes.tf.json").read_text())["locals"]["shapes"]


def keys(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    found = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return [*found, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else found


def projection(index: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"ProjectionType": index["projection"]}
    return said | ({"NonKeyAttributes": sorted(index["attributes"])} if index["attributes"] else {})


def of_terraform(shape: dict[str, Any]) -> dict[str, Any]:
    """Of a shape, as the tables are described below."""
    indexes = shape["indexes"]
    every_key = [
        shape["hash_key"],
        shape["range_key"],
        *(i[k] for i in indexes.values() for k in ("hash_key", "range_key")),
    ]
    return {
        "keys": keys(shape["hash_key"], shape["range_key"]),
        "attributes": {name: "S" for name in every_key if name},
        "indexes": {name: (keys(i["hash_key"], i["range_key"]), projection(i)) for name, i in indexes.items()},
        "ttl": shape["ttl"],
    }


def of_models(table: str) -> dict[str, Any]:
    """What `manage.py create_tables` made of a model."""
    described = dynamodb_client().describe_table(TableName=table)["Table"]
    ttl = dynamodb_client().describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    indexes = {}
    for index in described["GlobalSecondaryIndexes"]:
        said = dict(index["Projection"])
        if "NonKeyAttributes" in said:
            said["NonKeyAttributes"] = sorted(said["NonKeyAttributes"])
        indexes[index["IndexName"]] = (index["KeySchema"], said)
    return {
        "keys": described["KeySchema"],
        "attributes": {each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]},
        "indexes": indexes,
        "ttl": ttl.get("AttributeName"),
    }


@pytest.mark.usefixtures("tables")
def test_terraform_makes_the_tables_of_the_models() -> None:
    names = {
        "conversations": settings.CONVERSATIONS_TABLE,
        "usage": settings.USAGE_TABLE,
        "api_keys": settings.API_KEYS_TABLE,
    }

    assert {of: of_terraform(shape) for of, shape in SHAPES.items()} == {of: of_models(n) for of, n in names.items()}


def test_terraform_calls_the_tables_as_the_settings_do() -> None:
    variables = (STACK / "variables.tf").read_text()

    for setting in ("CONVERSATIONS_TABLE", "USAGE_TABLE", "API_KEYS_TABLE"):
        found = re.search(rf'variable "{setting.lower()}" {{.*?default\s+= "([^"]+)"', variables, re.DOTALL)
        assert found is not None
        assert found[1] == getattr(settings, setting)
