"""`python -m benchmarks.staff_pages`: what staff's pages cost where there are many sessions.

Seeds a MiniStack of its own and asks for each page in this process, so that the processor time is that of the page: of
Django, the templates and the DynamoDB client, with its threads, and neither of MiniStack nor of a web server.
"""

import argparse
import datetime as dt
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.children import ENVIRONMENT, stop

if TYPE_CHECKING:
    from django.test import Client

GOAL_MS = 300
_READY_SECONDS = 20
# Copied before, as by a nightly job: what a page would copy itself takes long here.
_CLOSED_DAYS = 7
# MiniStack looks through every item of a table, whatever the key; DynamoDB does not.
_MINISTACK_SECONDS = 120


def main() -> None:
    """Prints a line for each page: median of the rounds, and the first time."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, _ministack(Path(folder)) as url:
        _prepare(Path(folder), url)
        now = dt.datetime.now(dt.UTC)
        _seed(options.sessions, now)
        client = _member_of_staff()
        print(f"{options.sessions:,} sessions; goal {GOAL_MS} ms of CPU a page")  # noqa: T201  # its purpose
        print(f"{'page':34}{'CPU ms':>8}{'first':>8}{'wall ms':>9}")  # noqa: T201
        for name, address in _pages(now.date()).items():
            _report(client, name, address, rounds=options.rounds)


def _report(client: "Client", name: str, address: str, *, rounds: int) -> None:
    first, *others = [_measure(client, address) for _ in range(rounds + 1)]
    cpu, wall = (statistics.median(each) for each in zip(*others, strict=True))
    print(f"{name:34}{cpu:8.0f}{first[0]:8.0f}{wall:9.0f}", flush=True)  # noqa: T201


def _measure(client: "Client", address: str) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    answer = client.get(address)
    spent = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
    if answer.status_code != 200:  # noqa: PLR2004  # OK
        raise SystemExit(f"{address}: {answer.status_code}")
    return spent


def _pages(today: dt.date) -> dict[str, str]:
    from django.urls import reverse

    from benchmarks.staff_seed import LONG_OWNER, LONG_SESSION

    yesterday = today - dt.timedelta(days=1)
    sessions, usage = reverse("admin:conversations_session_changelist"), reverse("admin:conversations_usage_changelist")
    week = f"{usage}?since={today - dt.timedelta(days=6)}&until={today}"
    return {
        "sessions of a day": f"{sessions}?day={yesterday}",
        "sessions of an owner": f"{sessions}?owner={LONG_OWNER}",
        "search by id": f"{sessions}?q={LONG_SESSION}",
        "search for words of a day": f"{sessions}?day={yesterday}&words=about",
        "transcript of 10,000 messages": reverse("admin:conversations_session_change", args=[LONG_SESSION]),
        "stuck turns": reverse("admin:conversations_stuckturn_changelist"),
        "usage and cost, 7 days": week,
        "usage and cost, 7 days, an owner": f"{week}&owner={LONG_OWNER}",
    }


def _seed(sessions: int, now: dt.datetime) -> None:
    from benchmarks.staff_seed import seed
    from conversations.store import tables_state

    tables_state.create()
    seed(sessions, now=now)


def _member_of_staff() -> "Client":
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    call_command("close_usage_days", days=_CLOSED_DAYS)
    client = Client()
    user = User.objects.create_superuser("staff")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
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


@contextmanager
def _ministack(folder: Path) -> Iterator[str]:
    port = _free_port()
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": "dynamodb",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
        "LOG_LEVEL": "ERROR",
    }
    program = Path(sys.prefix) / "ministack" / "bin" / "ministack"
    process = subprocess.Popen([program], env=variables, stdout=subprocess.DEVNULL)  # noqa: S603  # our own program
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url)
        yield url
    finally:
        stop(process)


def _wait(url: str) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).close()  # noqa: S310  # nosec B310  # of this machine
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise SystemExit("MiniStack did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What staff's pages cost.")
    parser.add_argument("--sessions", type=int, default=100_000, metavar="N", help="how many sessions (100000)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each page is asked for (5)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
