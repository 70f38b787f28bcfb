"""Write units of a turn, by the table or index that pays for them: benchmarks/cost/turn_items.py, taken apart.

Only the sum is a matter of money; each table and each index is bounded by itself, and so is each of their partitions.
"""

from collections.abc import Callable
from decimal import Decimal
from math import ceil, floor

from benchmarks.cost import turn_items
from benchmarks.cost.workload import Workload

CONVERSATIONS, USAGE = "ChatbotConversations", "ChatbotUsage"
OWNER_INDEX, ACTIVITY_INDEX, DAY_INDEX = "OwnerIndex", "ActivityIndex", "DayIndex"
_IN_A_TRANSACTION = 2
# An account of a budget without reservations, and each of them: access/budgets/accounts.py.
ACCOUNT_BYTES, RESERVATION_BYTES = 150, 100
# A turn with a budget reserves and settles.
_ACCOUNT_WRITES = 2
_STEPS = 60


def turn_units(workload: Workload) -> dict[str, Decimal]:
    """Units of one turn, averaged over the turns of a session; those of a budget's account are not among them."""
    question = workload.question_tokens * workload.bytes_per_token
    answer = workload.output_tokens * workload.bytes_per_token
    session = _units(turn_items.SESSION_BYTES + turn_items.PENDING_BYTES + question)
    receipt = Decimal(workload.idempotent_percent) / 100 * _units(turn_items.RECEIPT_BYTES)
    stored = _units(turn_items.QUESTION_BYTES + question) + _units(turn_items.ANSWER_BYTES + answer) + session + receipt
    # Begin and commit each delete the session's entry and write it again; a new session has none to delete.
    entries = 4 - Decimal(1) / workload.turns_per_session
    return {
        CONVERSATIONS: session + _IN_A_TRANSACTION * stored,
        OWNER_INDEX: entries,
        ACTIVITY_INDEX: entries,
        USAGE: Decimal(_IN_A_TRANSACTION * _units(turn_items.LEDGER_BYTES)),
        DAY_INDEX: Decimal(1),
    }


def account_units(rate: float, seconds: float) -> float:
    """Write units a second of a budget's account at so many chats a second: every write pays for all reservations."""
    return _ACCOUNT_WRITES * rate * _units(ACCOUNT_BYTES + RESERVATION_BYTES * floor(rate * seconds))


def account_rate(*, seconds: float, partition_writes: int, most_live: int) -> float:
    """Chats a second that one budget's account carries: until its item is too hot, or has too many reservations."""
    most = most_live / seconds
    return _largest(lambda rate: account_units(rate, seconds) <= partition_writes, most)


def _largest(holds: Callable[[float], bool], most: float) -> float:
    """The largest rate up to `most` at which a bound holds that, once passed, stays passed."""
    low, high = 0.0, most
    if holds(high):
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _units(size: int) -> int:
    return ceil(Decimal(size) / turn_items.WRITE_UNIT)
