"""Children that die, hang, and must not be left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_aws.children import Child
from local_aws.errors import LocalModeError, StopRequestedError
from local_aws.supervisor import STOP_SIGNALS, Supervisor

WAIT_SECONDS = 20.0
# Writes its name into the diary when it is asked to end; SIGQUIT is the hurried way.
CLERK = """
import signal, sys, time
name, diary, slow = sys.argv[1], sys.argv[2], float(sys.argv[3])
def note(what):
    with open(diary, "a") as file:
        file.write(f"{name} {what}\\n")
def end(number, frame):
    note("is asked to end")
    time.sleep(slow)
    sys.exit(note("ended"))
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGQUIT, lambda number, frame: sys.exit(note("hurried")))
note("started")
signal.pause()
"""


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def diary(folder: Path) -> list[str]:
    path = folder / "diary"
    return path.read_text().splitlines() if path.exists() else []


def start_clerk(supervisor: Supervisor, folder: Path, name: str, *, slow: float = 0, hasty: bool = False) -> Child:
    command = [sys.executable, "-c", CLERK, name, str(folder / "diary"), str(slow)]
    clerk = supervisor.start(name, command, environment={}, patience=WAIT_SECONDS, hasty=hasty)
    supervisor.wait_until(lambda: f"{name} started" in diary(folder), clerk, WAIT_SECONDS)
    return clerk


def wait_for(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happened()


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_ends_the_children_in_the_reverse_order_one_after_the_other(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        children = [start_clerk(supervisor, tmp_path, name) for name in ("Store", "Server")]
        signal.raise_signal(signal.SIGINT)
        supervisor.watch()

    assert diary(tmp_path)[2:] == [
        "Server is asked to end",
        "Server ended",
        "Store is asked to end",
        "Store ended",
    ]
    assert [child.process.returncode for child in children] == [0, 0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_stop_signal_is_a_request(tmp_path: Path, number: signal.Signals) -> None:
    with Supervisor(tmp_path) as supervisor:
        start_clerk(supervisor, tmp_path, "Store")
        signal.raise_signal(number)
        supervisor.watch()

    assert diary(tmp_path)[-1] == "Store ended"


def test_a_second_request_hurries_who_has_turns_to_finish_but_nobody_who_saves(tmp_path: Path) -> None:
    def press_again() -> None:
        wait_for(lambda: "Server is asked to end" in diary(tmp_path))
        os.kill(os.getpid(), signal.SIGINT)

    again = threading.Thread(target=press_again)
    with Supervisor(tmp_path) as supervisor:
        start_clerk(supervisor, tmp_path, "Store", slow=0.5)
        start_clerk(supervisor, tmp_path, "Server", slow=3600, hasty=True)
        again.start()
        signal.raise_signal(signal.SIGINT)
        supervisor.watch()
    again.join()

    assert diary(tmp_path)[2:] == [
        "Server is asked to end",
        "Server hurried",
        "Store is asked to end",
        "Store ended",
    ]


def test_a_child_that_dies_is_one_sentence_and_the_others_end(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        start_clerk(supervisor, tmp_path, "Store")
        start_clerk(supervisor, tmp_path, "Server").process.kill()
        with pytest.raises(LocalModeError) as failed:
            supervisor.watch()

    assert str(failed.value) == f"Server was ended by SIGKILL; its log is {tmp_path}/server.log."
    assert diary(tmp_path)[-1] == "Store ended"


def test_a_child_that_dies_while_starting_says_where_its_log_is(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        command = [sys.executable, "-c", "import sys; print('no room'); sys.exit(3)"]
        child = supervisor.start("Store", command, environment={}, patience=1)
        with pytest.raises(LocalModeError) as failed:
            supervisor.wait_until(lambda: False, child, WAIT_SECONDS)

    assert str(failed.value) == f"Store ended with exit code 3; its log is {tmp_path}/store.log."
    assert (tmp_path / "store.log").read_text() == "no room\n"


def test_a_child_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = start_clerk(supervisor, tmp_path, "Store")
        with pytest.raises(LocalModeError) as failed:
            supervisor.wait_until(lambda: False, child, 0)

    assert str(failed.value) == f"Store was not ready after 0 seconds; its log is {tmp_path}/store.log."
    assert diary(tmp_path)[-1] == "Store ended"


def test_a_child_that_does_not_end_is_killed_with_all_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 3600 & echo $! > pid; echo $$ >> pid; while true; do wait; done"
    pids = tmp_path / "pid"
    with Supervisor(tmp_path) as supervisor:
        command = ["/bin/sh", "-c", f"cd {tmp_path} && {script}"]
        child = supervisor.start("Deaf", command, environment={"PATH": os.defpath}, patience=0.2)
        supervisor.wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2, child, WAIT_SECONDS)

    assert child.process.returncode == -signal.SIGKILL
    assert wait_for(lambda: not any(alive(int(pid)) for pid in pids.read_text().split()))


def test_a_program_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocalModeError) as failed, Supervisor(tmp_path) as supervisor:
        supervisor.start("Store", ["/nowhere/store"], environment={}, patience=1)

    assert str(failed.value) == "Store cannot be started: /nowhere/store: No such file or directory."


def test_work_that_fails_is_one_sentence(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start("Work", [sys.executable, "-c", "raise SystemExit(2)"], environment={}, patience=1)
        with pytest.raises(LocalModeError) as failed:
            supervisor.run_to_end(child, WAIT_SECONDS)

    assert str(failed.value) == f"Work ended with exit code 2; its log is {tmp_path}/work.log."


def test_a_stop_while_something_starts_ends_everything(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        child = start_clerk(supervisor, tmp_path, "Store")
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(StopRequestedError):
            supervisor.wait_until(lambda: False, child, WAIT_SECONDS)

    assert diary(tmp_path)[-1] == "Store ended"


def test_no_child_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from local_aws.supervisor import Supervisor
with Supervisor(Path(sys.argv[1])) as supervisor:
    command = [sys.executable, "-c", sys.argv[2], "Store", sys.argv[1] + "/diary", "0"]
    print(supervisor.start("Store", command, environment={}, patience=5).process.pid, flush=True)
    supervisor.watch()
"""
    command = [sys.executable, "-c", script, str(tmp_path), CLERK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        pid = int(killed.stdout.readline())
        assert wait_for(lambda: "Store started" in diary(tmp_path))
        killed.kill()

    assert wait_for(lambda: not alive(pid))
    assert diary(tmp_path)[-1] == "Store ended"
