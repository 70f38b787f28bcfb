"""`python -m benchmarks.cost`: the inputs, and the comparison as a table or as JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields

from benchmarks.cost.options import OPTIONS
from benchmarks.cost.report import table, values
from benchmarks.cost.workload import Workload

_CHATS = (10_000, 100_000, 1_000_000, 10_000_000)
_WORDS = {
    "model_id": "model or inference profile that answers",
    "input_tokens": "tokens of the whole prompt",
    "cached_tokens": "of these, read from Bedrock's prompt cache",
    "question_tokens": "of these, the question's own",
    "output_tokens": "tokens of the answer",
    "bytes_per_token": "bytes of text a token",
    "turns_per_session": "turns of a session",
    "streamed_percent": "per cent of the answers that are streamed",
    "idempotent_percent": "per cent of the chats with an Idempotency-Key",
    "duration_ms": "milliseconds from request to answer",
    "cpu_ms": "milliseconds of them that a core works",
    "memory_mb": "memory of the function",
    "provisioned": "copies of the function that are always warm, a region",
    "peak_factor": "chats in the busiest hours, as a multiple of the average",
    "regions": "regions with a stack of their own and replicas of the tables",
    "kept_months": "months that messages have been kept so far",
    "log_bytes": "bytes of the application's log lines a chat",
    "log_days": "days that logs are kept",
    "cluster_log_gb": "GB a month of a cluster's own logs: control plane, network, nodes",
    "cluster_metrics": "metrics of Container Insights, a cluster",
}


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
    parser.add_argument("--chats", type=_counts, default=_CHATS, metavar="N[,N]", help="chats a month, one column each")
    parser.add_argument("--option", choices=OPTIONS, help="show the lines of this one")
    parser.add_argument("--json", action="store_true", help="all lines of all options, for a program")
    parser.add_argument("--budgets", action="store_true", help="callers have monthly budgets")
    for field in fields(Workload):
        if field.name in _WORDS:
            words = f"{_WORDS[field.name]} ({field.default})"
            flag = "--" + field.name.replace("_", "-").removesuffix("-id")
            kind = str if field.type is str else int
            parser.add_argument(flag, dest=field.name, type=kind, default=field.default, metavar="X", help=words)
    return parser


def _counts(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError("whole numbers with commas between them are needed") from None


if __name__ == "__main__":
    sys.exit(main())
