"""What the project promises of its speed, beside what a run found."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.bench import Run
from benchmarks.cases import (
    FEW_PIECES,
    LONG,
    MANY_PIECES,
    MESSAGES,
    NEW,
    PACED,
    READS,
    SLOW,
    STREAM,
    WARM,
)
from benchmarks.figures import Figures, of_total

_MB = 1_000_000
_MIB = 1024 * 1024
_COLUMNS = "{:<62}{:>12}{:>12}  {}"


@dataclass(frozen=True)
class Target:
    """One promise: `measured` may be at most `limit`, or at least, where more is better; None was not measured."""

    what: str
    limit: float
    measured: float | None
    form: str = "{:.2f}"
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def line(self) -> str:
        bound = ("≥ " if self.at_least else "≤ ") + self.form.format(self.limit)
        measured = "" if self.measured is None else self.form.format(self.measured)
        told = {True: "met", False: "NOT MET", None: "not measured"}[self.met]
        return _COLUMNS.format(self.what, bound, measured, told)


def table_of_targets(run: Run) -> str:
    """A line each."""
    return "\n".join([_COLUMNS.format("Targets", "limit", "measured", ""), *(goal.line() for goal in targets(run))])


def targets(run: Run) -> list[Target]:
    """All that is promised, in the order of docs/PERFORMANCE.md."""
    found = Figures.of(run.rows)
    return [
        *_beside_the_floor(found),
        *_beside_the_plain_server(found),
        *_slow_model(found),
        *_streams(found),
        *_lengths(found),
        *_processes(run),
        *_reads(found),
    ]


def _beside_the_floor(found: Figures) -> Iterator[Target]:
    yield Target("CPU ÷ floor, new session, 1 caller", 1.25, found.floor(NEW, 1))
    yield Target("CPU ÷ floor, new session, 32 callers", 1.40, found.floor(NEW, 32))
    for callers in (1, 32):
        yield Target(f"CPU ÷ floor, 50 turns, {_callers(callers)}", 1.00, found.floor(LONG, callers))
    for callers in (1, 32):
        yield Target(
            f"CPU ÷ floor, 50 turns held by the process, {_callers(callers)}", 1.00, found.floor(WARM, callers)
        )
    yield Target("ms over upstream, p50, 1 caller", 4.0, found.median(NEW, 1, of_total("p50")), "{:.1f}")


def _beside_the_plain_server(found: Figures) -> Iterator[Target]:
    yield Target("chats/s ÷ plain, new session, 32 callers", 2.0, found.plain(NEW, 32), at_least=True)
    yield Target("chats/s ÷ plain, 50 turns, 32 callers", 2.5, found.plain(LONG, 32), at_least=True)


def _slow_model(found: Figures) -> Iterator[Target]:
    row = found.rows.get((SLOW, 256))
    ideal = row.case.ideal_rate if row else None
    share = found.median(SLOW, 256, lambda round_: round_.rate / ideal if ideal else None)
    yield Target("share of the ideal chats/s, 256 callers, model takes 1 s", 0.95, share, "{:.0%}", at_least=True)
    yield Target("ms over upstream, p99, the same", 300.0, found.median(SLOW, 256, of_total("p99")), "{:.0f}")


def _streams(found: Figures) -> Iterator[Target]:
    first = found.median(STREAM, 1, lambda round_: round_.first.p50 if round_.first else None)
    yield Target("ms over upstream until the first text, p50, 1 stream", 5.0, first, "{:.1f}")
    late = found.median(PACED, 32, lambda round_: round_.lag.p99 if round_.lag else None)
    yield Target("ms that a piece is under way, p99, 32 streams", 15.0, late, "{:.1f}")
    pairs = found.cpu(MANY_PIECES, FEW_PIECES, 16)
    pieces = {title: row.case.pieces for (title, _), row in found.rows.items()}
    each = [(many - few) / (pieces[MANY_PIECES] - pieces[FEW_PIECES]) for many, few in pairs]
    yield Target("CPU ms a piece, (400 pieces - 40) ÷ 360", 0.1, statistics.median(each) if each else None, "{:.3f}")


def _lengths(found: Figures) -> Iterator[Target]:
    for other in (10, 400):
        for state, held in ((", warm", "held by the process"), (", behind", "all but a turn held"), ("", "all read")):
            pairs = found.cpu(MESSAGES[10_000] + state, MESSAGES[other] + state, 1)
            ratio = statistics.median(long / short for long, short in pairs) if pairs else None
            yield Target(f"CPU, 10,000 messages ÷ {other}, {held}", 1.10, ratio)


def _processes(run: Run) -> Iterator[Target]:
    startup, growth = run.startup, run.startup.growth
    yield Target("MB (RSS) of a worker after 256 callers at once", 150, startup.crowded.rss * _MIB / _MB, "{:.0f}")
    grown = (growth.after.rss - growth.before.rss) * _MIB / _MB if growth else None
    sessions = f"{growth.sessions:,}" if growth else "10,000"
    yield Target(f"MB (RSS) that it grows over {sessions} sessions", 2.0, grown, "{:.1f}")
    yield Target("seconds from the start of gunicorn to the first answered chat", 0.6, startup.first_chat)


def _reads(found: Figures) -> Iterator[Target]:
    for title in READS:
        for callers in (1, 32):
            yield Target(f"CPU ÷ floor, {title}, {_callers(callers)}", 1.30, found.floor(title, callers))


def _callers(number: int) -> str:
    return "1 caller" if number == 1 else f"{number} callers"
