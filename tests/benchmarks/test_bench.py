"""The benchmark itself, over in seconds."""

from pathlib import Path

import pytest

from benchmarks.bench import Run, run
from benchmarks.cases import Case, plan
from benchmarks.measurement import Measurement
from benchmarks.table import Row, table


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_measures_the_server_beside_its_floor(tmp_path: Path) -> None:
    cases = [
        Case("new", 1, 0.1),
        Case("long", 4, 0.1, "long"),
        Case("warm", 4, 0.1, "warm"),
        Case("slow", 8, 0.2, latency=0.1),
        Case("stream", 2, 0.1, stream=True),
    ]

    found = run(cases, rounds=3, budget_seconds=0.1, workers=1, worker_class="gevent", folder=tmp_path)

    assert found.failures == []
    assert [row.case for row in found.rows] == cases
    assert [(len(row.server), len(row.floor)) for row in found.rows] == [(1, 1)] * 5
    assert all(round_.chats for row in found.rows for round_ in (*row.server, *row.floor))
    assert [row.case.title for row in found.rows if row.server[0].first] == ["stream"]
    assert len(found.memory) == 1
    assert len(table(found.rows).splitlines()) == 10  # a head, five rows, four floors


def test_every_failure_is_told_with_its_case() -> None:
    failed = Measurement(1, 1.0, {}, None, None, None, ["status 500: no"])

    found = Run([Row(Case("new", 32, 1.0), [failed], [])], 0.5, [])

    assert found.failures == ["new, 32: status 500: no"]


def test_what_a_warm_case_is_compared_with_comes_before_it() -> None:
    for quick in (True, False):
        cases = plan(quick=quick)
        for place, case in enumerate(cases):
            before = {(other.history, other.callers, other.stream, other.latency) for other in cases[:place]}
            assert case.history != "warm" or ("long", case.callers, case.stream, case.latency) in before


def test_the_ideal_is_known_where_the_model_takes_time() -> None:
    assert Case("any", 256, 1.0).ideal_rate is None
    assert Case("any", 256, 1.0, latency=1.0).ideal_rate == 256.0
    assert Case("any", 39, 1.0, stream=True, latency=0.22, gap=0.02).ideal_rate == pytest.approx(39.0)
