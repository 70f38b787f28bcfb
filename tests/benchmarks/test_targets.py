"""What is promised, beside what a run found."""

import pytest

from benchmarks.bench import Run
from benchmarks.cases import FEW_PIECES, LONG, MANY_PIECES, MESSAGES, NEW, PACED, READS, SLOW, STREAM, WARM, Case, plan
from benchmarks.measurement import Measurement, Quantiles
from benchmarks.processes import Memory
from benchmarks.rows import Row
from benchmarks.startup import Growth, Startup
from benchmarks.targets import Target, table_of_targets, targets

# Two rounds of 100 chats each in a second: the CPU of the first, of the second.
CPU = {
    (NEW, 1): ((2.0, 3.0), (2.0, 2.0)),
    (NEW, 32): ((3.0, 3.0), (2.0, 2.0)),
    (LONG, 1): ((3.0, 3.0), (4.0, 4.0)),
    (LONG, 32): ((5.0, 5.0), (4.0, 4.0)),
    (WARM, 1): ((2.0, 2.0), (4.0, 4.0)),
    (WARM, 32): ((2.0, 2.0), (4.0, 4.0)),
    (MESSAGES[10], 1): ((4.0, 4.0), ()),
    (MESSAGES[400], 1): ((5.0, 5.0), ()),
    (MESSAGES[10_000], 1): ((5.0, 5.2), ()),
    (FEW_PIECES, 16): ((10.0, 10.0), ()),
    (MANY_PIECES, 16): ((28.0, 46.0), ()),
}
OTHERS = ((1.2, 1.2), (1.0, 1.0))


def measured(who: str, cpu_ms: float, *, chats: float = 100.0) -> Measurement:
    quantiles = Quantiles(3.0, 4.0, 20.0)
    return Measurement(chats, 1.0, {who: cpu_ms * chats / 1000}, quantiles, quantiles, quantiles, [])


def row(case: Case) -> Row:
    server, floor = CPU.get((case.title, case.callers), OTHERS)
    return Row(
        case,
        [measured("server", cpu_ms, chats=250.0 if case.latency else 100.0) for cpu_ms in server],
        [measured("floor", cpu_ms) for cpu_ms in floor],
        [measured("plain", 9.0, chats=40.0) for _ in server] if case.plain else [],
    )


GROWTH = Growth(Memory(100.0, 90.0), Memory(104.0, 94.0), 10_000)


def found(*, quick: bool = False, growth: Growth | None = GROWTH) -> dict[str, tuple[float | None, bool | None]]:
    run = Run([row(case) for case in plan(quick=quick)], Startup(0.61, Memory(140.0, 99.0), growth), [])
    return {target.what: (target.measured, target.met) for target in targets(run)}


def test_every_promise_is_measured_and_judged() -> None:
    assert found() == {
        "CPU ÷ floor, new session, 1 caller": (1.25, True),
        "CPU ÷ floor, new session, 32 callers": (1.5, False),
        "CPU ÷ floor, 50 turns, 1 caller": (0.75, True),
        "CPU ÷ floor, 50 turns, 32 callers": (1.25, False),
        "CPU ÷ floor, 50 turns held by the process, 1 caller": (0.5, True),
        "CPU ÷ floor, 50 turns held by the process, 32 callers": (0.5, True),
        "ms over upstream, p50, 1 caller": (3.0, True),
        "chats/s ÷ plain, new session, 32 callers": (2.5, True),
        "chats/s ÷ plain, 50 turns, 32 callers": (2.5, True),
        "share of the ideal chats/s, 256 callers, model takes 1 s": (pytest.approx(250 / 256), True),
        "ms over upstream, p99, the same": (20.0, True),
        "ms over upstream until the first text, p50, 1 stream": (3.0, True),
        "ms that a piece is under way, p99, 32 streams": (20.0, False),
        "CPU ms a piece, (400 pieces - 40) ÷ 360": (pytest.approx(0.075), True),
        "CPU, 10,000 messages ÷ 10, held by the process": (1.0, True),
        "CPU, 10,000 messages ÷ 10, all but a turn held": (1.0, True),
        "CPU, 10,000 messages ÷ 10, all read": (pytest.approx(1.275), False),
        "CPU, 10,000 messages ÷ 400, held by the process": (1.0, True),
        "CPU, 10,000 messages ÷ 400, all but a turn held": (1.0, True),
        "CPU, 10,000 messages ÷ 400, all read": (pytest.approx(1.02), True),
        "MB (RSS) of a worker after 256 callers at once": (pytest.approx(146.8, abs=0.1), True),
        "MB (RSS) that it grows over 10,000 sessions": (pytest.approx(4.19, abs=0.01), False),
        "seconds from the start of gunicorn to the first answered chat": (0.61, False),
        **{
            f"CPU ÷ floor, {title}, {callers}": (pytest.approx(1.2), True)
            for title in READS
            for callers in ("1 caller", "32 callers")
        },
    }


def test_what_a_quick_run_does_not_measure_is_neither_met_nor_missed() -> None:
    quick = found(quick=True, growth=None)

    assert set(quick) == set(found())
    assert [what for what, (_, met) in quick.items() if met is None] == [
        "CPU ÷ floor, 50 turns held by the process, 1 caller",
        "CPU ÷ floor, 50 turns held by the process, 32 callers",
        "MB (RSS) that it grows over 10,000 sessions",
    ]


@pytest.mark.parametrize("title", [NEW, LONG, STREAM, PACED, SLOW])
def test_a_run_without_a_case_does_not_measure_its_promises(title: str) -> None:
    run = Run([row(case) for case in plan(quick=False) if case.title != title], Startup(0.5, Memory(1, 1), None), [])

    assert sum(target.met is None for target in targets(run)) > 1


def test_each_promise_is_a_line() -> None:
    lines = [
        Target("ratio", 1.25, 1.3).line(),
        Target("share", 0.95, 0.97, "{:.0%}", at_least=True).line(),
        Target("absent", 150, None, "{:.0f}").line(),
    ]

    assert [" ".join(line.split()) for line in lines] == [
        "ratio ≤ 1.25 1.30 NOT MET",
        "share ≥ 95% 97% met",
        "absent ≤ 150 not measured",
    ]


def test_the_table_has_a_head_and_a_line_for_each() -> None:
    run = Run([row(case) for case in plan(quick=False)], Startup(0.5, Memory(1, 1), None), [])

    lines = table_of_targets(run).splitlines()
    assert lines[0].split() == ["Targets", "limit", "measured"]
    assert lines[1:] == [target.line() for target in targets(run)]
