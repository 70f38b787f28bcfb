"""Whether the restored ledger covers the restored sessions."""

from collections.abc import Iterable
from dataclasses import dataclass

from deployment.restore_drill.client import Client
from deployment.restore_drill.histories import SUMS, total
from deployment.restore_drill.order import Order
from deployment.restore_drill.sessions import Item, head

# Owners with more sessions are not summed: that would be reading the whole table.
_MOST_SESSIONS = 100


@dataclass(frozen=True, slots=True)
class Balance:
    """Owners whose ledger was summed, those with too many sessions for it, and what is wrong."""

    owners: int
    passed_over: int
    faults: list[str]


def balance(client: Client, order: Order, owners: Iterable[str]) -> Balance:
    """Compares the sums of owners' sessions with their ledger. It may hold more, of sessions that were erased."""
    checked = passed_over = 0
    faults: list[str] = []
    for owner in owners:
        heads = _sessions(client, order.conversations.target, owner)
        if heads is None:
            passed_over += 1
            continue
        checked += 1
        rows = _rows(client, order.usage.target, owner)
        faults += [
            f"{name}: less in the ledger than in the sessions of one owner"
            for name in SUMS
            if total(rows, name) < total(heads, name)
        ]
    return Balance(owners=checked, passed_over=passed_over, faults=faults)


def _sessions(client: Client, table: str, owner: str) -> list[Item] | None:
    """The heads of an owner's sessions; None where there are too many."""
    found = client.query(
        TableName=table,
        IndexName="OwnerIndex",
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "Owner"},
        ExpressionAttributeValues={":owner": {"S": owner}},
        Limit=_MOST_SESSIONS,
    )
    if "LastEvaluatedKey" in found:
        return None
    heads = (head(client, table, item["SessionId"]) for item in found["Items"])
    return [item for item in heads if item is not None]


def _rows(client: Client, table: str, owner: str) -> list[Item]:
    """The owner's rows of the ledger: their sort keys begin with a day, those of budgets with #."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="#owner = :owner AND DayModelShard >= :first",
        ExpressionAttributeNames={"#owner": "Owner"},
        ExpressionAttributeValues={":owner": {"S": owner}, ":first": {"S": "0"}},
        ConsistentRead=True,
    )
    return [item for page in pages for item in page["Items"]]
