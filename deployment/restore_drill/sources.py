"""The tables that are restored from, as they stand, and the moments that they can be restored to."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deployment.restore_drill.client import Client
from deployment.restore_drill.errors import DrillRefused
from deployment.restore_drill.order import Order, Pair
from deployment.scripts.tables import describe


@dataclass(frozen=True, slots=True)
class Source:
    """A table: DescribeTable's description, its TTL attribute, tags, and its window of point-in-time recovery."""

    pair: Pair
    description: dict[str, Any]
    ttl: str | None
    tags: list[dict[str, str]]
    earliest: dt.datetime
    latest: dt.datetime
    recovery_days: int | None


def read(client: Client, order: Order) -> list[Source]:
    """Every table of the order. Raises DrillRefused where one cannot be restored, or its target is there already."""
    for pair in order.pairs:
        if describe(client, pair.target) is not None:
            raise DrillRefused(f"{pair.target} is there already: name another --suffix, or delete it with --cleanup.")
    return [_read(client, pair) for pair in order.pairs]


def moment(sources: Sequence[Source], wanted: dt.datetime | None) -> dt.datetime:
    """The one second that all tables are restored to: a turn is in several of them. Raises DrillRefused."""
    latest = min(source.latest for source in sources).replace(microsecond=0)
    if wanted is None:
        return latest
    earliest = max(source.earliest for source in sources)
    if not earliest <= wanted <= latest:
        raise DrillRefused(
            f"The tables can be restored to a moment from {earliest.isoformat()} to {latest.isoformat()}."
        )
    return wanted


def _read(client: Client, pair: Pair) -> Source:
    description = describe(client, pair.source)
    if description is None:
        raise DrillRefused(f"There is no table {pair.source}.")
    backups = client.describe_continuous_backups(TableName=pair.source)["ContinuousBackupsDescription"]
    window = backups.get("PointInTimeRecoveryDescription", {})
    if window.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise DrillRefused(f"{pair.source} has no point-in-time recovery: the stack `data` turns it on.")
    ttl = client.describe_time_to_live(TableName=pair.source)["TimeToLiveDescription"]
    return Source(
        pair=pair,
        description=description,
        ttl=ttl.get("AttributeName") if ttl["TimeToLiveStatus"] == "ENABLED" else None,
        tags=client.list_tags_of_resource(ResourceArn=description["TableArn"])["Tags"],
        earliest=window["EarliestRestorableDateTime"].astimezone(dt.UTC),
        latest=window["LatestRestorableDateTime"].astimezone(dt.UTC),
        recovery_days=window.get("RecoveryPeriodInDays"),
    )
