"""`python -m benchmarks.staff_pages`: what staff's pages cost where there are many sessions.

Seeds a MiniStack of its own and asks for each page in this process, so that the processor time is that of the page: of
Django, the templates and the DynamoDB client, with its threads, and neither of MiniStack nor of a web server.
"""

import argparse
import datetime as dt
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.children import ENVIRONMENT
from local_aws.ministack import passing_ministack

if TYPE_CHECKING:
    from django.test import Client

    from benchmarks.staff_asked import Asked

GOAL_MS = 300
# MiniStack looks through every item of a table, whatever the key; DynamoDB does not.
_MINISTACK_SECONDS = 120


def main() -> None:
    """Prints a line for each page: median of the rounds, and first time. Ends with 1 if a median is over the goal."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, passing_ministack(Path(folder), services="dynamodb") as url:
        _prepare(Path(folder), url)
        now = dt.datetime.now(dt.UTC)
        client = _seed(options.sessions, now)

        from benchmarks.staff_asked import asked

        print(f"{options.sessions:,} sessions; goal {GOAL_MS} ms of CPU a page")  # noqa: T201  # its purpose
        print(f"{'page':42}{'CPU ms':>8}{'first':>8}{'wall ms':>9}{'us a row':>10}")  # noqa: T201
        medians = [(each, _report(client, each, rounds=options.rounds)) for each in asked(client, now.date())]
    if over := over_goal(medians):
        raise SystemExit(f"over the goal: {', '.join(over)}")  # status 1


def over_goal(medians: Iterable[tuple["Asked", float]]) -> list[str]:
    """The pages whose median is more milliseconds of CPU than the goal. What rows cost of a long file is no page's."""
    return [each.name for each, cpu in medians if cpu > GOAL_MS and not each.rows]


def _report(client: "Client", asked: "Asked", *, rounds: int) -> float:
    """Prints the line; returns the milliseconds of CPU, the median of the rounds."""
    first = _measure(client, asked)
    others = [first] if asked.rows else [_measure(client, asked) for _ in range(rounds)]
    cpu, wall = (float(statistics.median(each)) for each in zip(*others, strict=True))
    a_row = f"{cpu * 1000 / asked.rows:10.0f}" if asked.rows else ""
    print(f"{asked.name:42}{cpu:8.0f}{first[0]:8.0f}{wall:9.0f}{a_row}", flush=True)  # noqa: T201
    return cpu


def _measure(client: "Client", asked: "Asked") -> tuple[float, float]:
    """Milliseconds of CPU and of the clock until the answer is there to its last byte."""
    cpu, wall = time.process_time(), time.perf_counter()
    answer = client.post(asked.address, asked.form) if asked.form else client.get(asked.address)
    answer.getvalue()
    spent = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
    if answer.status_code != 200:  # noqa: PLR2004  # OK
        raise SystemExit(f"{asked.address}: {answer.status_code}")
    return spent


def _seed(sessions: int, now: dt.datetime) -> "Client":
    from benchmarks import staff_accounts
    from benchmarks.staff_seed import seed
    from conversations.store import tables_state

    tables_state.create()
    seed(sessions, now=now)
    client = staff_accounts.member_of_staff()
    staff_accounts.seed_keys()
    staff_accounts.seed_trail(now)
    staff_accounts.copy_closed_days()
    return client


def _prepare(folder: Path, url: str) -> None:
    """This process becomes the service, with nothing of its caller's account."""
    os.environ.update(ENVIRONMENT)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="chatbot_project.settings",
        DJANGO_SECRET_KEY=secrets.token_urlsafe(50),
        LOG_LEVEL="WARNING",
        DJANGO_ALLOWED_HOSTS="testserver",
        DATABASE_URL=f"sqlite:///{folder / 'staff.sqlite3'}",
        STATIC_ROOT=str(folder),
        SECURE_COOKIES="off",
        AWS_ENDPOINT_URL_DYNAMODB=url,
    )
    import django

    from dynamodb_client import client

    client.READ_TIMEOUT_SECONDS = _MINISTACK_SECONDS
    django.setup()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What staff's pages cost.")
    parser.add_argument("--sessions", type=int, default=100_000, metavar="N", help="how many sessions (100000)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each page is asked for (5)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
