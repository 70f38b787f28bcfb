"""What every way to run the service pays: the model, the tables, the answers' way out, the logs."""

from decimal import Decimal

from bedrock_client import Usage
from bedrock_client.prices import cost_nano_usd
from benchmarks.cost import turn_items
from benchmarks.cost.bill import GB, HOURS, Line
from benchmarks.cost.price_list import Price, PriceList
from benchmarks.cost.workload import Workload

# Head and fields of an answer beside its text, and of each piece of a stream (tests/benchmarks/test_cost_items.py).
ANSWER_BYTES = 1_100
PIECE_BYTES = 40
_DAYS_OF_A_MONTH = HOURS / 24


def lines(workload: Workload, prices: PriceList) -> list[Line]:
    """The lines that are the same on Lambda and on EKS."""
    written = workload.chats * turn_items.write_units(workload) * workload.regions
    stored = workload.chats * turn_items.stored_bytes(workload) * workload.kept_months * workload.regions / GB
    copied = workload.chats * turn_items.written_bytes(workload) * (workload.regions - 1) / GB
    logged = Decimal(workload.chats * workload.log_bytes) / GB
    return [
        Line("Bedrock", Decimal(workload.chats), _chat(workload)),
        Line("DynamoDB writes", written, prices["dynamodb_write"]),
        Line("DynamoDB reads", workload.chats * turn_items.read_units(workload), prices["dynamodb_read"]),
        Line("DynamoDB storage", stored, prices["dynamodb_storage"]),
        Line("DynamoDB recovery", stored, prices["dynamodb_recovery"]),
        Line("copies to other regions", copied, prices["transfer_regions"]),
        Line("answers to the internet", workload.chats * answer_bytes(workload) / GB, prices["transfer_out"]),
        Line("logs taken in", logged, prices["logs_ingested"]),
        Line("logs kept", logged * workload.log_days / _DAYS_OF_A_MONTH, prices["logs_kept"]),
    ]


def answer_bytes(workload: Workload) -> Decimal:
    """Bytes of one answer. A stream has the text twice, in its pieces (at most one a token) and in its last event."""
    text = workload.output_tokens * workload.bytes_per_token
    pieces = text + workload.output_tokens * PIECE_BYTES
    return text + ANSWER_BYTES + Decimal(workload.streamed_percent) / 100 * pieces


def _chat(workload: Workload) -> Price:
    """What the model's tokens of one chat cost, as the ledger books it."""
    plain = workload.input_tokens - workload.cached_tokens
    usage = Usage(input_tokens=plain, output_tokens=workload.output_tokens, cache_read_tokens=workload.cached_tokens)
    nano_usd = cost_nano_usd(workload.model_id, usage)
    if nano_usd is None:
        raise ValueError(f"no price is known of the model {workload.model_id}")
    return Price("bedrock", Decimal(nano_usd) / 10**9, "chat", "bedrock_client/prices.py", confirmed=True)
