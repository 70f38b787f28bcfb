"""The command: which status it ends with, and what it says."""

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.bench import Run, Setting
from benchmarks.cases import Case, plan
from benchmarks.children import Failed
from benchmarks.measurement import Measurement
from benchmarks.processes import Memory
from benchmarks.rows import Row
from benchmarks.startup import Growth, Startup
from benchmarks.table import table
from benchmarks.targets import table_of_targets


class Measured:
    """Stands in for a run; `asked` is what it was called with."""

    def __init__(self, *, chats: int = 100, failures: list[str] | None = None) -> None:
        cpu = {"server": 0.2, "floor": 0.1, "upstream": 0.02, "load": 0.04, "machine": 0.3}
        seen = Measurement(chats, 1.0, cpu, None, None, None, failures or [])
        growth = Growth(Memory(101.2, 90.0), Memory(101.6, 90.4), 10_000)
        startup = Startup(0.51, Memory(100.4, 89.6), growth)
        self.found = Run([Row(Case("new", 32, 1.0), [seen], [seen])], startup, [Memory(120.4, 99.6)])
        self.setting: Setting | None = None
        self.cases: list[Case] = []

    def __call__(self, cases: list[Case], setting: Setting, *, folder: Path) -> Run:
        assert folder.is_dir()
        self.cases, self.setting = cases, setting
        return self.found


def test_prints_the_table_and_what_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    measured = Measured()

    assert main(["--quick", "--workers", "2"], measure=measured) == 0

    assert measured.setting == Setting(rounds=2, budget_seconds=100, worker_class="gevent", plain=None, grow=False)
    assert measured.cases == plan(quick=True, workers=2)
    printed = capsys.readouterr().out
    assert table(measured.found.rows) in printed
    assert (
        "\n".join(
            [
                _carried("upstream", "0.20", "5,000"),
                _carried("callers", "0.40", "2,500"),
                "A worker whose first requests were 256 at once: 100 MiB RSS (90 PSS).",
                "It held 101 MiB RSS (90 PSS) after 1,000 sessions, 102 MiB RSS (90 PSS) after 10,000 more.",
                "Memory at the end, a worker: 120 MiB RSS (100 PSS).",
                "",
                table_of_targets(measured.found),
            ]
        )
        in printed
    )


def _carried(program: str, cpu_ms: str, number: str) -> str:
    used = f"The benchmark's {program} used {cpu_ms} ms CPU a chat (new, 32)"
    return f"{used}: on a core of its own it carries {number} a second."


def test_a_whole_run_looks_for_growth_and_compares_with_the_plain_server() -> None:
    measured = Measured()

    assert main(["--plain", "/peers/bin/python"], measure=measured) == 0

    assert measured.setting == Setting(
        rounds=5, budget_seconds=560, worker_class="gevent", plain="/peers/bin/python", grow=True
    )
    assert measured.cases == plan(quick=False)


def test_ends_with_one_when_something_was_not_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], measure=Measured(failures=["status 503: no"])) == 1

    assert capsys.readouterr().out.splitlines()[-2:] == ["FAILED: new, 32: status 503: no"] * 2


def test_a_program_that_ended_is_told_and_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    def measure(_cases: list[Case], _setting: Setting, **_asked: object) -> Run:
        raise Failed("benchmarks.floor ended")

    assert main([], measure=measure) == 1
    assert capsys.readouterr() == ("", "benchmarks.floor ended\n")


def test_never_fails_on_a_figure() -> None:
    assert main([], measure=Measured(chats=1)) == 0


def test_an_interrupted_run_ends_as_a_shell_calls_it(capsys: pytest.CaptureFixture[str]) -> None:
    def measure(_cases: list[Case], _setting: Setting, **_asked: object) -> Run:
        raise KeyboardInterrupt

    assert main([], measure=measure) == 130
    assert capsys.readouterr() == ("", "")
