"""The command: which status it ends with, and what it says."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.bench import Run
from benchmarks.cases import Case
from benchmarks.children import Failed
from benchmarks.measurement import Measurement
from benchmarks.processes import Memory
from benchmarks.table import Row, table


class Measured:
    """Stands in for a run; `asked` is what it was called with."""

    def __init__(self, *, chats: int = 100, failures: list[str] | None = None) -> None:
        cpu = {"server": 0.2, "floor": 0.1, "upstream": 0.02, "load": 0.04, "machine": 0.3}
        seen = Measurement(chats, 1.0, cpu, None, None, None, failures or [])
        self.found = Run([Row(Case("new", 32, 1.0), [seen], [seen])], 0.51, [Memory(120.4, 99.6)])
        self.asked: dict[str, Any] = {}

    def __call__(self, cases: list[Case], **asked: Any) -> Run:  # noqa: ANN401  # whatever a run takes
        assert Path(asked.pop("folder")).is_dir()
        self.asked = {"cases": len(cases), **asked}
        return self.found


def test_prints_the_table_and_what_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    measured = Measured()

    assert main(["--quick", "--workers", "2"], measure=measured) == 0

    assert measured.asked == {"cases": 8, "rounds": 2, "budget_seconds": 55, "workers": 2, "worker_class": "gevent"}
    printed = capsys.readouterr().out
    assert table(measured.found.rows) in printed
    assert printed.splitlines()[-4:] == [
        "The benchmark's upstream used 0.20 ms CPU a chat (new, 32): on a core of its own it carries 5,000 a second.",
        "The benchmark's callers used 0.40 ms CPU a chat (new, 32): on a core of its own it carries 2,500 a second.",
        "First chat answered 0.51 s after the server's start.",
        "Memory at the end, a worker: 120 MiB RSS (100 PSS).",
    ]


def test_ends_with_one_when_something_was_not_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], measure=Measured(failures=["status 503: no"])) == 1

    assert capsys.readouterr().out.splitlines()[-2:] == ["FAILED: new, 32: status 503: no"] * 2


def test_a_program_that_ended_is_told_and_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    def measure(_cases: list[Case], **_asked: object) -> Run:
        raise Failed("benchmarks.floor ended")

    assert main([], measure=measure) == 1
    assert capsys.readouterr() == ("", "benchmarks.floor ended\n")


def test_never_fails_on_a_figure() -> None:
    assert main([], measure=Measured(chats=1)) == 0
