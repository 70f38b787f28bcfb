"""The benchmark itself, over in seconds."""

from pathlib import Path

import pytest

from benchmarks import startup
from benchmarks.bench import Run, Setting, run
from benchmarks.cases import Case, plan
from benchmarks.measurement import Measurement
from benchmarks.processes import Memory
from benchmarks.rows import Row
from benchmarks.startup import Startup
from benchmarks.table import table
from benchmarks.targets import table_of_targets

STARTUP = Startup(0.5, Memory(100.0, 90.0), None)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_measures_the_server_beside_its_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "_STARTS", 1)
    monkeypatch.setattr(startup, "_WARM_SESSIONS", 20)
    monkeypatch.setattr(startup, "_SESSIONS", 40)
    cases = [
        Case("new", 1, 0.1),
        Case("long", 4, 0.1, turns=50),
        Case("warm", 4, 0.1, turns=50, state="warm"),
        Case("slow", 8, 0.2, latency=0.1, workers=2),
        Case("stream", 2, 0.1, stream=True, pieces=80, floor=False),
        Case("history", 2, 0.1, asks="history", turns=50),
        Case("sessions", 2, 0.1, asks="sessions"),
        Case("models", 2, 0.1, asks="models"),
        Case("endless", 1, 0.1, turns=5000, floor=False, plain=True),
    ]

    setting = Setting(rounds=3, budget_seconds=0.1, worker_class="gevent", plain=None, grow=True)
    found = run(cases, setting, folder=tmp_path)

    assert found.failures == []
    assert [row.case for row in found.rows] == cases
    assert [(len(row.server), len(row.floor)) for row in found.rows] == [(1, int(case.floor)) for case in cases]
    assert all(round_.chats for row in found.rows for round_ in row.measured)
    assert [row.case.title for row in found.rows if row.server[0].first] == ["stream"]
    assert found.rows[2].floor == found.rows[1].floor
    assert [row.plain for row in found.rows] == [[]] * len(cases)
    assert found.startup.first_chat > 0
    assert found.startup.crowded.rss > 0
    growth = found.startup.growth
    assert growth
    assert (growth.sessions, growth.before.rss > 0, growth.after.rss > 0) == (40, True, True)
    assert len(found.memory) == 3  # one worker and two
    assert len(table(found.rows).splitlines()) == 16  # a head, nine rows, six floors
    assert "CPU ÷ floor" in table_of_targets(found)


def test_every_failure_is_told_with_its_case() -> None:
    failed = Measurement(1, 1.0, {}, None, None, None, ["status 500: no"])

    found = Run([Row(Case("new", 32, 1.0), [failed])], STARTUP, [])

    assert found.failures == ["new, 32: status 500: no"]


@pytest.mark.parametrize("quick", [True, False])
def test_what_a_warm_case_is_compared_with_comes_before_it(quick: bool) -> None:
    cases = plan(quick=quick)

    for place, case in enumerate(cases):
        before = [other.work for other in cases[:place] if not other.comes_again]
        assert not (case.comes_again and case.floor) or case.work in before


def test_a_slow_model_is_measured_with_two_workers_unless_another_number_is_asked_for() -> None:
    assert {case.workers for case in plan(quick=False) if case.latency} == {2}
    assert {case.workers for case in plan(quick=False) if not case.latency} == {1}
    assert {case.workers for case in plan(quick=False, workers=3)} == {3}


def test_the_ideal_is_known_where_the_model_takes_time() -> None:
    assert Case("any", 256, 1.0).ideal_rate is None
    assert Case("any", 256, 1.0, latency=1.0).ideal_rate == 256.0
    assert Case("any", 39, 1.0, stream=True, latency=0.22, gap=0.02).ideal_rate == pytest.approx(39.0)
