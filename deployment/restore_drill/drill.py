"""A drill from its first look to its report."""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.deadline import Deadline
from deployment.restore_drill import restoring, sources
from deployment.restore_drill.carrying_over import carry_over
from deployment.restore_drill.checking import check_sample, check_table
from deployment.restore_drill.client import Client
from deployment.restore_drill.order import Order
from deployment.restore_drill.report import Report


def run(client: Client, order: Order, *, deadline: Deadline) -> Report:
    """Restores, sets what a restore leaves behind, and checks. Raises DrillRefused."""
    began_at = dt.datetime.now(dt.UTC)
    began = time.monotonic()
    there = sources.read(client, order)
    at = sources.moment(there, order.at)
    report = Report(began_at, at, min(source.latest for source in there))
    report.seconds["look"] = round(time.monotonic() - began, 1)
    with _timed(report, "restore"):
        for source in there:
            restoring.start(client, source, at)
        targets = [pair.target for pair in order.pairs]
        restoring.wait_until_active(client, targets, deadline=deadline, pause=order.pause)
    with _timed(report, "settings"):
        carried_over = [
            carry_over(client, source, for_use=order.for_use, deadline=deadline, pause=order.pause) for source in there
        ]
    with _timed(report, "check"):
        report.sample = check_sample(client, order)
        report.tables = [
            check_table(client, source, done, is_latest=order.at is None, deadline=deadline)
            for source, done in zip(there, carried_over, strict=True)
        ]
    return report


def plan(client: Client, order: Order) -> str:
    """What `run` would do, in words; it changes nothing. Raises DrillRefused as `run` would."""
    there = sources.read(client, order)
    at = sources.moment(there, order.at)
    steps = [f"Would restore {source.pair.source} to {at.isoformat()} into {source.pair.target}" for source in there]
    return "\n".join([*steps, f"Would count the items of all, and compare {order.sample} sessions"]) + "\n"


@contextmanager
def _timed(report: Report, step: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    report.seconds[step] = round(time.monotonic() - began, 1)
