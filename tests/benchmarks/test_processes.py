"""What is read from /proc, on processes whose state is known."""

import os
import subprocess
import sys
import time

from benchmarks.processes import children, cpu_seconds, machine_seconds, memory


def test_work_of_a_process_counts_and_waiting_does_not() -> None:
    before, machine = cpu_seconds([os.getpid()]), machine_seconds()
    while time.process_time() < before + 0.2:
        pass
    worked = cpu_seconds([os.getpid()])
    time.sleep(0.2)

    assert worked - before >= 0.15
    assert cpu_seconds([os.getpid()]) - worked < 0.1
    assert machine_seconds() - machine >= 0.15


def test_memory_is_told_in_mebibytes() -> None:
    before = memory(os.getpid())
    held = bytearray(os.urandom(1024 * 1024) * 50)
    after = memory(os.getpid())

    assert 40 < after.rss - before.rss < 120
    assert after.pss <= after.rss
    assert len(held) == 50 * 1024 * 1024


def test_children_are_those_that_live() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in children(os.getpid())
        child.terminate()

    assert child.pid not in children(os.getpid())
