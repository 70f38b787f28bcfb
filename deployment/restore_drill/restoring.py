"""Starting restores, and waiting for tables."""

import datetime as dt
import time
from collections.abc import Iterable
from typing import Any

from core.deadline import Deadline
from deployment.restore_drill.client import Client
from deployment.restore_drill.errors import DrillRefused
from deployment.restore_drill.sources import Source
from deployment.scripts.tables import describe


def start(client: Client, source: Source, at: dt.datetime) -> None:
    """Asks for a new table with what the source held at that second; it is there when `wait_until_active` is done."""
    client.restore_table_to_point_in_time(
        SourceTableName=source.pair.source,
        TargetTableName=source.pair.target,
        RestoreDateTime=at,
        **_overrides(source.description),
    )


def wait_until_active(client: Client, tables: Iterable[str], *, deadline: Deadline, pause: float) -> None:
    """Returns when all tables and their indexes are ACTIVE. Raises DrillRefused when the time is over."""
    waiting = list(tables)
    while waiting := [table for table in waiting if not _is_active(describe(client, table))]:
        _rest(waiting, deadline, pause)


def wait_until_gone(client: Client, tables: Iterable[str], *, deadline: Deadline, pause: float) -> None:
    """Returns when none of the tables is there any more. Raises DrillRefused when the time is over."""
    waiting = list(tables)
    while waiting := [table for table in waiting if describe(client, table) is not None]:
        _rest(waiting, deadline, pause)


def _overrides(description: dict[str, Any]) -> dict[str, Any]:
    """What would otherwise be the service's choice: the key, and the most that the table serves."""
    chosen: dict[str, Any] = {}
    if key := description.get("SSEDescription", {}).get("KMSMasterKeyArn"):
        chosen["SSESpecificationOverride"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    if most := description.get("OnDemandThroughput"):
        chosen["OnDemandThroughputOverride"] = most
    return chosen


def _is_active(description: dict[str, Any] | None) -> bool:
    if description is None or description["TableStatus"] != "ACTIVE":
        return False
    return all(
        index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in description.get("GlobalSecondaryIndexes", [])
    )


def _rest(waiting: list[str], deadline: Deadline, pause: float) -> None:
    if deadline.remaining() <= pause:
        raise DrillRefused(f"The time is over, and not ready: {', '.join(waiting)}.")
    time.sleep(pause)
