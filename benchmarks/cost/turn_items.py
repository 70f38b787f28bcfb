"""What a turn writes, reads and keeps in DynamoDB, from the items of conversations/store.

DynamoDB counts a write in units of 1 KB of the larger of the item before and after, twice in a transaction, and once
more for every entry of an index that is written; an entry whose key changes is deleted and written again. A consistent
read counts a unit for each 4 KB.

Begin, one UpdateItem: the session's item with the message in it, and its entries in OwnerIndex and ActivityIndex, whose
sort key is the time of the latest activity. Commit, one transaction: question, answer, session, ledger, and the receipt
of a turn with an Idempotency-Key; the same two entries again, and the ledger's in DayIndex. No word of AWS was found on
whether entries of an index count twice in a transaction; here they count once.
"""

from decimal import Decimal
from math import ceil

from benchmarks.cost.workload import Workload

WRITE_UNIT = 1024
READ_UNIT = 4096
# Bytes of an item beside the text in it, as real turns leave them; tests/benchmarks/test_cost_items.py measures them.
SESSION_BYTES = 550
PENDING_BYTES = 400
QUESTION_BYTES = 300
ANSWER_BYTES = 450
LEDGER_BYTES = 200
RECEIPT_BYTES = 320
# Of a session's entries in both indexes together.
ENTRIES_BYTES = 670
# What DynamoDB adds to each stored item and to each entry of an index.
STORED_BYTES = 100
_INDEXES = 2
_IN_A_TRANSACTION = 2


def write_units(workload: Workload) -> Decimal:
    """Units of one turn, averaged over the turns of a session."""
    session = _writes(_pending(workload))
    # Before a session's first turn there is no entry to delete.
    moved = 2 - Decimal(1) / workload.turns_per_session
    begin = session + _INDEXES * moved
    items = _writes(QUESTION_BYTES + _question(workload)) + _writes(ANSWER_BYTES + _answer(workload))
    items += session + _writes(LEDGER_BYTES)
    receipt = Decimal(workload.idempotent_percent) / 100 * _writes(RECEIPT_BYTES)
    commit = _IN_A_TRANSACTION * (items + receipt) + _INDEXES * 2 + 1
    # With a budget, a conditional write reserves before the model is called and another one settles.
    return begin + commit + (2 if workload.budgets else 0)


def read_units(workload: Workload) -> Decimal:
    """Units of one turn whose process does not hold the session: the context, and the look for a receipt."""
    earlier = workload.input_tokens - workload.question_tokens
    exchange = workload.question_tokens + workload.output_tokens
    overhead = (QUESTION_BYTES + ANSWER_BYTES) * Decimal(earlier) / exchange
    context = ceil((earlier * workload.bytes_per_token + overhead) / READ_UNIT)
    return Decimal(context) + Decimal(workload.idempotent_percent) / 100


def written_bytes(workload: Workload) -> Decimal:
    """Bytes of the items that one turn writes, as they travel to another region."""
    return Decimal(_pending(workload) + SESSION_BYTES + _messages(workload) + LEDGER_BYTES)


def stored_bytes(workload: Workload) -> Decimal:
    """Bytes that stay of one turn: both messages, and its share of the session with its entries in the indexes."""
    head = SESSION_BYTES + ENTRIES_BYTES + (1 + _INDEXES) * STORED_BYTES
    return _messages(workload) + 2 * STORED_BYTES + Decimal(head) / workload.turns_per_session


def _pending(workload: Workload) -> int:
    """The session's item while the turn is under way, with the question in it."""
    return SESSION_BYTES + PENDING_BYTES + _question(workload)


def _messages(workload: Workload) -> int:
    return QUESTION_BYTES + _question(workload) + ANSWER_BYTES + _answer(workload)


def _question(workload: Workload) -> int:
    return workload.question_tokens * workload.bytes_per_token


def _answer(workload: Workload) -> int:
    return workload.output_tokens * workload.bytes_per_token


def _writes(size: int) -> int:
    return ceil(Decimal(size) / WRITE_UNIT)
