"""Inputs on the command line: those of a workload, in words, and flags for them."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping

WORKLOAD = {
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


def add_flags(parser: ArgumentParser, words: Mapping[str, str], defaults: object) -> None:
    """A flag for every input that has words; its kind and its default are those that `defaults` has by its name."""
    for name, said in words.items():
        default = getattr(defaults, name)
        flag = "--" + name.replace("_", "-").removesuffix("-id")
        parser.add_argument(
            flag, dest=name, type=type(default), default=default, metavar="X", help=f"{said} ({default})"
        )


def whole_numbers(text: str, within: range | None = None) -> list[int]:
    """The numbers of N[,N]. Raises ArgumentTypeError for what is none, and for one that is not `within`."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if numbers and (within is None or all(number in within for number in numbers)):
        return numbers
    bounds = f" from {within[0]:,} to {within[-1]:,}" if within else ""
    raise ArgumentTypeError(f"whole numbers{bounds} with commas between them are needed")
