"""`python -m benchmarks.cost`: the inputs, and the comparison as a table or as JSON."""

import argparse
import json
import sys
from collections.abc import Sequence

from benchmarks.cost.flags import WORKLOAD, add_flags, whole_numbers
from benchmarks.cost.options import OPTIONS
from benchmarks.cost.report import table, values
from benchmarks.cost.workload import Workload

_CHATS = (10_000, 100_000, 1_000_000, 10_000_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """The program's exit status: 2 for inputs that contradict each other, with a sentence that says which."""
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    chats, as_json, option = options.pop("chats"), options.pop("json"), options.pop("option")
    try:
        workloads = [Workload(chats=count, **options) for count in chats]
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(json.dumps(values(workloads), indent=2) if as_json else table(workloads, option=option))
    sys.stdout.write("\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cost", description="What a month of chats costs on Lambda and on EKS."
    )
    parser.add_argument(
        "--chats", type=whole_numbers, default=_CHATS, metavar="N[,N]", help="chats a month, one column each"
    )
    parser.add_argument("--option", choices=OPTIONS, help="show the lines of this one")
    parser.add_argument("--json", action="store_true", help="all lines of all options, for a program")
    parser.add_argument("--budgets", action="store_true", help="callers have monthly budgets")
    add_flags(parser, WORKLOAD, Workload())
    return parser


if __name__ == "__main__":
    sys.exit(main())
