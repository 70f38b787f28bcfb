"""What a restore leaves behind, set on the new table.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html lists it.
"""

from typing import Any

from core.deadline import Deadline
from deployment.restore_drill.client import Client
from deployment.restore_drill.restoring import wait_until_active
from deployment.restore_drill.sources import Source
from deployment.scripts.tables import describe

# A table with this tag is for deleting; its value is the table that it was restored from.
DRILL_TAG = "RestoreDrillOf"

BY_HAND = (
    "alarms and dashboards that name the table",
    "AWS Backup's plan, Terraform's state and IAM's policies: the stacks take the new names as variables",
    "streams, replicas, resource policies and Contributor Insights, where the table had them",
)


def carry_over(client: Client, source: Source, *, for_use: bool, deadline: Deadline, pause: float) -> list[str]:
    """Sets TTL, point-in-time recovery, tags, maximums and, for use, deletion protection; says what was set."""
    target = source.pair.target
    restored = describe(client, target) or {}
    tags = [tag for tag in source.tags if not tag["Key"].startswith("aws:") and tag["Key"] != DRILL_TAG]
    if not for_use:
        tags.append({"Key": DRILL_TAG, "Value": source.pair.source})
    # First of all: without its tag a table cannot be told from one in use, and cleaning up leaves it alone.
    if tags:
        client.tag_resource(ResourceArn=restored["TableArn"], Tags=tags)
    done = [f"tag {tag['Key']}" for tag in tags]
    for change in _changes(source, restored, for_use=for_use):
        client.update_table(TableName=target, **change)
        wait_until_active(client, [target], deadline=deadline, pause=pause)
        done.append(", ".join(change))
    if source.ttl:
        wanted = {"Enabled": True, "AttributeName": source.ttl}
        client.update_time_to_live(TableName=target, TimeToLiveSpecification=wanted)
        done.append(f"TTL by {source.ttl}")
    recovery: dict[str, Any] = {"PointInTimeRecoveryEnabled": True}
    if source.recovery_days:
        recovery["RecoveryPeriodInDays"] = source.recovery_days
    client.update_continuous_backups(TableName=target, PointInTimeRecoverySpecification=recovery)
    return [*done, "point-in-time recovery"]


def _changes(source: Source, restored: dict[str, Any], *, for_use: bool) -> list[dict[str, Any]]:
    """Calls of UpdateTable, each of which the table must have finished before the next."""
    has = {index["IndexName"]: index.get("OnDemandThroughput") for index in restored.get("GlobalSecondaryIndexes", [])}
    changes: list[dict[str, Any]] = [
        {"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": index["IndexName"], "OnDemandThroughput": most}}]}
        for index in source.description.get("GlobalSecondaryIndexes", [])
        if (most := index.get("OnDemandThroughput")) and has.get(index["IndexName"]) != most
    ]
    most = source.description.get("OnDemandThroughput")
    if most and restored.get("OnDemandThroughput") != most:
        changes.append({"OnDemandThroughput": most})
    if for_use and source.description.get("DeletionProtectionEnabled"):
        changes.append({"DeletionProtectionEnabled": True})
    return changes
