"""The soak run: what it counts, when it fails, and that it runs."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Self

import pytest

from benchmarks.children import Failed
from benchmarks.soak import run
from benchmarks.soak.__main__ import main
from benchmarks.soak.resources import Held, held
from benchmarks.soak.run import soak
from benchmarks.soak.verdict import Sample, Soaked, slope_per_hour, table
from benchmarks.soak.visitors import Visitor
from tests.answering_server import Answer, AnsweringServer

HOLDER = """
import socket, sys, threading
kept = [socket.socket() for _ in range(5)] + [open("/dev/null") for _ in range(3)]
ended = threading.Event()
for _ in range(4):
    threading.Thread(target=ended.wait, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""
WARM = Held(rss=100.0, threads=2, sockets=68, files=18)


def test_threads_sockets_and_files_of_a_process_are_counted() -> None:
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout
        child.stdout.readline()
        found = held([child.pid])
        child.terminate()

    assert found.counts == {"threads": 5, "sockets": 5, "files": 6}  # the standard three, and three of its own
    assert found.rss > 1


def test_several_processes_are_counted_together() -> None:
    one, two = held([os.getpid()]), held([os.getpid(), os.getpid()])

    assert two.threads == 2 * one.threads
    assert two.sockets == 2 * one.sockets


def soaked(*, end: Held = WARM, seen: "Counter[str] | None" = None, lost_workers: int = 0) -> Soaked:
    samples = [Sample(0.0, 100.0), Sample(10.0, 103.0), Sample(20.0, 102.0)]
    return Soaked(WARM, samples, end, seen or Counter({"stream: 200": 9}), lost_workers)


def test_what_comes_back_to_where_it_was_is_passed() -> None:
    fewer = Held(rss=107.9, threads=1, sockets=60, files=18)

    assert soaked().faults == []
    assert soaked(end=fewer).faults == []


def test_every_count_that_grew_is_named() -> None:
    assert soaked(end=Held(rss=108.1, threads=3, sockets=69, files=19)).faults == [
        "threads: 3 when idle at the end, 2 when warm.",
        "sockets: 69 when idle at the end, 68 when warm.",
        "files: 19 when idle at the end, 18 when warm.",
        "RSS grew by 8.1 MiB, more than 8.",
    ]


def test_wrong_answers_and_lost_workers_are_named() -> None:
    assert soaked(seen=Counter({"WRONG history: 500": 2, "stream: 200": 9}), lost_workers=1).faults == [
        "WRONG history: 500, 2 times",
        "1 worker(s) ended.",
    ]


def rising(*, seconds: float, mib_per_hour: float) -> list[Sample]:
    moments = [seconds * number / 60 for number in range(61)]
    return [Sample(moment, 100.0 + mib_per_hour * moment / 3600) for moment in moments]


def test_a_slope_is_the_straight_line_through_the_samples() -> None:
    assert slope_per_hour(rising(seconds=1500.0, mib_per_hour=12.0)) == pytest.approx(12.0)
    assert slope_per_hour([Sample(1.0, 100.0)]) == 0.0


def test_a_steady_rise_is_a_fault_of_a_long_run_alone() -> None:
    long = Soaked(WARM, rising(seconds=1500.0, mib_per_hour=17.0), WARM, Counter())
    short = Soaked(WARM, rising(seconds=50.0, mib_per_hour=17.0), WARM, Counter())

    assert long.faults == ["RSS rose by 17.0 MiB an hour in the second half."]
    assert "RSS in the second half: +17.0 MiB an hour." in table(long).splitlines()
    assert (short.faults, short.slope) == ([], None)


def test_the_table_shows_what_was_held_and_seen() -> None:
    assert table(soaked()).splitlines() == [
        "              warm, idle  busy, most   end, idle",
        "RSS, MiB           100.0       103.0       100.0",
        "threads                2                       2",
        "sockets               68                      68",
        "files                 18                      18",
        "",
        "         9  stream: 200",
        "",
        "Nothing grew.",
    ]


def test_the_command_ends_with_one_when_something_grew(capsys: pytest.CaptureFixture[str]) -> None:
    grown = soaked(end=Held(rss=100.0, threads=2, sockets=70, files=18))

    assert main(["--minutes", "1"], play=lambda **_asked: soaked()) == 0
    assert main(["--minutes", "1"], play=lambda **_asked: grown) == 1
    assert capsys.readouterr().out == f"{table(soaked())}\n{table(grown)}\n"


def test_the_command_passes_on_how_long_and_which_workers() -> None:
    asked: dict[str, object] = {}

    def play(*, folder: Path, **options: object) -> Soaked:
        assert folder.is_dir()
        asked.update(options)
        return soaked()

    main(["--minutes", "0.5", "--worker-class", "gthread"], play=play)

    assert asked == {"seconds": 30.0, "worker_class": "gthread"}


@pytest.mark.parametrize("minutes", ["0", "-1", "1441", "nan", "soon"])
def test_a_time_that_is_none_is_refused(minutes: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--minutes", minutes])
    assert "a number above 0, 1440 at most, is needed" in capsys.readouterr().err


def test_a_server_that_fails_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def play(**_asked: object) -> Soaked:
        raise Failed("benchmarks.upstream ended")

    assert main([], play=play) == 1
    assert capsys.readouterr() == ("", "benchmarks.upstream ended\n")


@pytest.fixture
def short_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_REST_SECONDS", 0.1)


@pytest.mark.parametrize(
    ("chunks", "seen"),
    [
        (b"many\r\n", "WRONG ValueError: invalid literal for int() with base 16: b'many\\r\\n'"),
        (
            b"13\r\nevent: done\ndata: {\r\n0\r\n\r\n",
            "WRONG JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
    ],
    ids=["length", "event"],
)
def test_what_a_visitor_cannot_read_is_wrong_and_ends_nothing(chunks: bytes, seen: str) -> None:
    headers = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
    server, counted = AnsweringServer(Answer(200, chunks, headers)), Counter[str]()

    async def visit() -> None:
        visitor = Visitor(server.server_address[1], 2, counted)  # begins with a stream
        await visitor.step()
        await visitor.leave()

    try:
        asyncio.run(visit())
    finally:
        server.stop()

    assert counted == {seen: 1}


class EndsWhenLookedAt:
    """Stands in for a server: its one process is there when the run begins, and gone at the first sample."""

    def __init__(self, **_asked: object) -> None:
        self._answers, self._looks = AnsweringServer(), 0
        self._process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        self.port = self._answers.server_address[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._answers.stop()

    @property
    def pids(self) -> list[int]:
        self._looks += 1
        there = [self._process.pid] if self._process.poll() is None else []
        if self._looks == 2:
            self._process.communicate()
        return there


def test_a_process_that_ends_between_two_looks_is_lost(
    tmp_path: Path, short_rests: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "Server", EndsWhenLookedAt)

    found = soak(seconds=0.3, worker_class="gevent", folder=tmp_path)

    assert (found.lost_workers, found.samples, found.end) == (1, [], found.warm)


@pytest.mark.slow
def test_visitors_do_everything_and_get_what_they_should(tmp_path: Path, short_rests: None) -> None:
    found = soak(seconds=3.0, worker_class="gevent", folder=tmp_path)

    assert [what for what in found.seen if what.startswith("WRONG")] == []
    assert {what.partition(":")[0] for what in found.seen} == {
        "chat, new session",
        "chat, old session",
        "stream",
        "stream, broken off",
        "history",
        "sessions",
        "models",
        "wrong body",
        "unknown session",
    }
    assert found.lost_workers == 0
    assert len(found.samples) == 60
