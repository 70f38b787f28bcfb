"""What a drill found, as JSON for a record and as text for whoever ran it."""

import datetime as dt
import json
from dataclasses import asdict, dataclass, field

from deployment.restore_drill.carrying_over import BY_HAND
from deployment.restore_drill.checking import SampleCheck, TableCheck
from deployment.restore_drill.order import Order

RTO_SECONDS = 60 * 60
RPO_SECONDS = 5 * 60


@dataclass(slots=True)
class Report:
    """One drill. `seconds` is how long each step took; writes later than `latest_restorable` would be lost today."""

    began_at: dt.datetime
    restored_to: dt.datetime
    latest_restorable: dt.datetime
    seconds: dict[str, float] = field(default_factory=dict)
    tables: list[TableCheck] = field(default_factory=list)
    sample: SampleCheck = field(default_factory=SampleCheck)

    @property
    def rto_seconds(self) -> float:
        """From the beginning to the last check: the application's new setting comes on top, minutes of a deployment."""
        return round(sum(self.seconds.values()), 1)

    @property
    def rpo_seconds(self) -> float:
        """Not less than nothing: tables are asked a moment behind the beginning."""
        return max(0.0, round((self.began_at - self.latest_restorable).total_seconds(), 1))

    @property
    def faults(self) -> list[str]:
        faults = [f"{table.target} {fault}" for table in self.tables for fault in table.faults] + self.sample.faults
        if self.rto_seconds > RTO_SECONDS:
            faults.append(f"it took {self.rto_seconds} s, and may take {RTO_SECONDS} s")
        if self.rpo_seconds > RPO_SECONDS:
            faults.append(f"{self.rpo_seconds} s of writes would be lost, and {RPO_SECONDS} s may be")
        return faults


def as_json(report: Report, order: Order) -> str:
    """The whole report."""
    body = {
        **asdict(report),
        "rto_seconds": report.rto_seconds,
        "rpo_seconds": report.rpo_seconds,
        "passed": not report.faults,
        "faults": report.faults,
        "by_hand": list(BY_HAND),
        "settings": {pair.setting: pair.target for pair in order.pairs},
    }
    return json.dumps(body, indent=2, default=lambda moment: moment.isoformat()) + "\n"


def as_text(report: Report, order: Order) -> str:
    """The same for reading, with what to do next."""
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    lines = [
        f"Restored to {report.restored_to.isoformat()}",
        *(
            f"  {table.target}: {table.items_restored} items, and {table.items_in_source} in {table.source} now"
            for table in report.tables
        ),
        _sample(report.sample),
        f"Recovery took {report.rto_seconds:.0f} s of at most {RTO_SECONDS} s: {steps}",
        f"Lost would be {report.rpo_seconds:.0f} s of writes, of at most {RPO_SECONDS} s",
        *(f"FAULT: {fault}" for fault in report.faults),
        "Failed." if report.faults else "Passed.",
        *_next_steps(order),
    ]
    return "\n".join(lines) + "\n"


def _sample(sample: SampleCheck) -> str:
    compared = ", ".join(f"{number} {state}" for state, number in sample.compared.items())
    return (
        f"Sample of {sample.sessions} sessions with {sample.messages} messages; beside the source now: {compared}; "
        f"ledgers of {sample.owners_balanced} owners summed, {sample.owners_passed_over} too large for it"
    )


def _next_steps(order: Order) -> list[str]:
    if not order.for_use:
        return [f"To delete what was restored: --cleanup --suffix {order.suffix}"]
    settings = " ".join(f"{pair.setting}={pair.target}" for pair in order.pairs)
    by_hand = [f"  - {what}" for what in BY_HAND]
    return ["To be done by hand:", *by_hand, f"To run on the restored tables, deploy with {settings}"]
