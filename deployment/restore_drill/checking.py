"""Everything that is compared: shape and number of each table, and a sample of sessions."""

from dataclasses import dataclass, field

from core.deadline import Deadline
from deployment.restore_drill import histories, ledger, sessions
from deployment.restore_drill.client import Client
from deployment.restore_drill.errors import DrillRefused
from deployment.restore_drill.order import Order
from deployment.restore_drill.shapes import differences
from deployment.restore_drill.sources import Source
from deployment.scripts.tables import describe

# The source goes on living meanwhile, so its number of items may differ by a twentieth, or by this many.
_TOLERANCE = 20
_FEW = 100


@dataclass(frozen=True, slots=True)
class TableCheck:
    """A restored table beside its source; items are counted now, `carried_over` is what was set by us."""

    source: str
    target: str
    items_in_source: int
    items_restored: int
    carried_over: list[str]
    faults: list[str]


@dataclass(slots=True)
class SampleCheck:
    """The sample. `compared` is how many sessions are the `same` in the source now, `changed` or `erased` since."""

    sessions: int = 0
    messages: int = 0
    compared: dict[str, int] = field(default_factory=lambda: dict.fromkeys(histories.STATES, 0))
    owners_balanced: int = 0
    owners_passed_over: int = 0
    faults: list[str] = field(default_factory=list)


def check_table(
    client: Client, source: Source, carried_over: list[str], *, is_latest: bool, deadline: Deadline
) -> TableCheck:
    """Compares keys, indexes, billing and encryption, and counts. Of long ago, numbers are told and not judged."""
    restored = describe(client, source.pair.target) or {}
    faults = [f"differs in {name}" for name in differences(source.description, restored)]
    there, here = (_count(client, name, deadline) for name in (source.pair.source, source.pair.target))
    if (there and not here) or (is_latest and abs(there - here) > max(there // _TOLERANCE, _FEW)):
        faults.append(f"{here} items, and {there} in the source")
    return TableCheck(source.pair.source, source.pair.target, there, here, carried_over, faults)


def check_sample(client: Client, order: Order) -> SampleCheck:
    """Looks at random sessions of the restored table, and at the ledger of their owners."""
    found = SampleCheck()
    heads = sessions.sample(client, order.conversations.target, order.sample)
    for head in heads:
        _check_session(client, order, head, found)
    balance = ledger.balance(client, order, sorted({head["Owner"]["S"] for head in heads}))
    found.owners_balanced, found.owners_passed_over = balance.owners, balance.passed_over
    found.faults += balance.faults
    return found


def _check_session(client: Client, order: Order, head: sessions.Item, found: SampleCheck) -> None:
    session_id = head["SessionId"]
    restored = sessions.messages(client, order.conversations.target, session_id)
    found.sessions += 1
    found.messages += len(restored)
    faults = histories.faults(head, restored)
    state = histories.comparison(sessions.head(client, order.conversations.source, session_id), head)
    found.compared[state] += 1
    if state == histories.SAME and sessions.messages(client, order.conversations.source, session_id) != restored:
        faults.append("its messages are not those of the source")
    found.faults += [f"session {session_id['S']}: {fault}" for fault in faults]


def _count(client: Client, table: str, deadline: Deadline) -> int:
    """Counted, because the number that DescribeTable tells is hours old."""
    count = 0
    for page in client.get_paginator("scan").paginate(TableName=table, Select="COUNT"):
        count += page["Count"]
        if deadline.remaining() <= 0:
            raise DrillRefused(f"The time is over before the items of {table} are counted.")
    return count
