"""`python -m benchmarks.scaling REPORT`: what a part of the service carries, as a table."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.cost.flags import WORKLOAD, add_flags, whole_numbers
from benchmarks.cost.workload import Workload
from benchmarks.scaling.asked import Asked
from benchmarks.scaling.limits import limits
from benchmarks.scaling.load import Load
from benchmarks.scaling.report_compute import compute, load_balancer
from benchmarks.scaling.report_conflicts import conflicts
from benchmarks.scaling.report_first import first
from benchmarks.scaling.report_model import quotas, regions
from benchmarks.scaling.report_tables import owners, shards, tables

REPORTS: dict[str, Callable[[Asked], str]] = {
    "first": first,
    "compute": compute,
    "tables": tables,
    "shards": shards,
    "owners": owners,
    "conflicts": conflicts,
    "quotas": quotas,
    "regions": regions,
    "load-balancer": load_balancer,
}
# A second of more chats would be too many to deal out.
_RATES = range(1, 1_000_001)
# Of a workload's inputs those that matter here.
_WORKLOAD = {
    name: WORKLOAD[name]
    for name in (
        *("model_id", "input_tokens", "question_tokens", "output_tokens"),
        *("turns_per_session", "streamed_percent", "idempotent_percent", "duration_ms"),
    )
}
_LOAD = {
    "max_output_tokens": "longest answer that Bedrock is told",
    "pieces": "pieces of a streamed answer",
    "pause_seconds": "seconds from an answer to the next question",
    "largest_owner_percent": "per cent of all chats that one owner makes",
    "transaction_ms": "milliseconds for which a commit holds its items",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The program's exit status: 2 for inputs that contradict each other, with a sentence that says which."""
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    workload = {name: options[name] for name in _WORKLOAD}
    try:
        load = Load(Workload(**workload), **{name: options[name] for name in _LOAD})
        limits().tokens_a_minute(load.workload.model_id)
    except ValueError as error:
        parser.error(str(error))
    asked = Asked(load, options["rates"], options["seed"])
    sys.stdout.write(f"{REPORTS[options['report']](asked)}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling", description="What the service carries, and what to raise first."
    )
    parser.add_argument("report", choices=REPORTS, nargs="?", default="first", help="what to report on (first)")
    parser.add_argument(
        "--rates",
        type=partial(whole_numbers, within=_RATES),
        default=Asked().rates,
        metavar="N[,N]",
        help="chats a second",
    )
    parser.add_argument("--seed", type=int, default=Asked().seed, metavar="N", help="of what is left to chance (1)")
    defaults = Asked().load
    add_flags(parser, _WORKLOAD, defaults.workload)
    add_flags(parser, _LOAD, defaults)
    return parser


if __name__ == "__main__":
    sys.exit(main())
