"""Deleting what a drill restored, and nothing else."""

from core.deadline import Deadline
from deployment.restore_drill.carrying_over import DRILL_TAG
from deployment.restore_drill.client import Client
from deployment.restore_drill.errors import DrillRefused
from deployment.restore_drill.order import Order, Pair
from deployment.restore_drill.restoring import wait_until_gone
from deployment.scripts.tables import describe


def clean_up(client: Client, order: Order, *, dry_run: bool, deadline: Deadline) -> str:
    """Deletes the tables of the order that are there; all or none. Raises DrillRefused for one that is no drill's."""
    there = [pair for pair in order.pairs if _may_go(client, pair)]
    if dry_run:
        return "".join(f"Would delete {pair.target}\n" for pair in there) or "Nothing to delete.\n"
    for pair in there:
        client.delete_table(TableName=pair.target)
    wait_until_gone(client, [pair.target for pair in there], deadline=deadline, pause=order.pause)
    return "".join(f"Deleted {pair.target}\n" for pair in there) or "Nothing to delete.\n"


def _may_go(client: Client, pair: Pair) -> bool:
    """Whether the table is there. Its tag says that it is a drill's, restored from this very source."""
    description = describe(client, pair.target)
    if description is None:
        return False
    tags = client.list_tags_of_resource(ResourceArn=description["TableArn"])["Tags"]
    if {"Key": DRILL_TAG, "Value": pair.source} not in tags:
        raise DrillRefused(
            f"{pair.target} has no tag {DRILL_TAG}={pair.source}, so it may be in use. If a drill that"
            " was interrupted left it, give it the tag, and clean up again."
        )
    return True
