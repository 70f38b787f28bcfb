"""The command line. Exit codes: 0 passed, 1 what was restored is not as it should be, 2 refused or not finished."""

import argparse
import datetime as dt
import re
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from core.deadline import Deadline
from deployment.restore_drill import cleanup, drill
from deployment.restore_drill.client import Client, make_client
from deployment.restore_drill.errors import DrillRefused
from deployment.restore_drill.order import Order, Pair
from deployment.restore_drill.report import as_json, as_text

_TABLES = (
    ("CONVERSATIONS_TABLE", "ChatbotConversations"),
    ("USAGE_TABLE", "ChatbotUsage"),
    ("API_KEYS_TABLE", "ChatbotApiKeys"),
)
_FAILED, _REFUSED = 1, 2


def main(arguments: list[str]) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.cleanup and not asked.suffix:
        parser.error("--cleanup needs the --suffix of the drill whose tables are to be deleted")
    try:
        return _run(make_client(asked.region), asked)
    except DrillRefused as error:
        return _refuse(str(error))
    except ClientError as error:
        # AWS's own words: they name the action and the table, and nothing that was said.
        return _refuse(
            f"{error.operation_name}: {error.response['Error'].get('Message') or error.response['Error']['Code']}"
        )
    except BotoCoreError as error:
        return _refuse(str(error))


def _run(client: Client, asked: argparse.Namespace) -> int:
    order = _order(asked)
    deadline = Deadline.after(asked.timeout_minutes * 60)
    if asked.cleanup:
        sys.stdout.write(cleanup.clean_up(client, order, dry_run=asked.dry_run, deadline=deadline))
        return 0
    if asked.dry_run:
        sys.stdout.write(drill.plan(client, order))
        return 0
    report = drill.run(client, order, deadline=deadline)
    if asked.json:
        asked.json.write_text(as_json(report, order), encoding="utf-8")
    sys.stdout.write(as_text(report, order))
    return _FAILED if report.faults else 0


def _order(asked: argparse.Namespace) -> Order:
    suffix = asked.suffix or f"restored-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}"
    conversations, usage, api_keys = (
        Pair(setting, name, f"{name}-{suffix}") for (setting, _), name in zip(_TABLES, _names(asked), strict=True)
    )
    return Order(
        conversations,
        usage,
        api_keys,
        suffix=suffix,
        at=asked.at,
        for_use=asked.for_use,
        sample=asked.sample,
        pause=asked.pause_seconds,
    )


def _names(asked: argparse.Namespace) -> tuple[str, str, str]:
    return asked.conversations_table, asked.usage_table, asked.api_keys_table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deployment.restore_drill",
        description="Restore the tables to a point in time into new ones, and check what came back.",
        epilog="Credentials and endpoints come from the AWS SDK's own sources.",
    )
    parser.add_argument(
        "--at", type=_moment, help="moment to restore to, as 2026-11-23T09:30:00Z (default: the latest)"
    )
    parser.add_argument(
        "--suffix", type=_suffix, help="what the new tables' names end with, behind a hyphen (default: restored-<now>)"
    )
    parser.add_argument("--for-use", action="store_true", help="restore to run on it: protected, never cleaned up")
    parser.add_argument("--cleanup", action="store_true", help="delete the tables of an earlier drill; needs --suffix")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    parser.add_argument("--json", type=Path, help="file to write the report to")
    parser.add_argument("--sample", type=_positive, default=20, help="sessions to look at (default: 20)")
    parser.add_argument("--timeout-minutes", type=_positive, default=120, help="when to give up (default: 120)")
    parser.add_argument("--pause-seconds", type=float, default=10, help="between two looks at a table (default: 10)")
    parser.add_argument("--region", required=True, help="AWS region of the tables")
    for setting, name in _TABLES:
        parser.add_argument(f"--{setting.lower().replace('_', '-')}", default=name, help=f"source (default: {name})")
    return parser


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("day, time and time zone, as in 2026-11-23T09:30:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("say which time zone, as in 2026-11-23T09:30:00Z")
    return moment.astimezone(dt.UTC)


def _suffix(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", text):
        raise argparse.ArgumentTypeError("1 to 64 letters, digits, and . _ - with no sign in front")
    return text


def _positive(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]*", text):
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(text)


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return _REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
