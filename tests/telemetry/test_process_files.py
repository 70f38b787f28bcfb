"""The folder that gunicorn's workers share: fresh, private, and gone in the end."""

import os
import subprocess
import sys
from pathlib import Path

from telemetry.process_files import forget_worker, make_folder, remove_folder


def test_a_start_makes_a_private_folder_and_a_reload_keeps_it(tmp_path: Path) -> None:
    folder = make_folder(str(tmp_path), held=None)

    assert list(tmp_path.iterdir()) == [Path(folder)]
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert make_folder(str(tmp_path), held=folder) == folder
    remove_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_start_does_not_take_the_folder_of_another_process(tmp_path: Path) -> None:
    of_the_parent = tmp_path / f"chatbot-metrics-x-{os.getppid()}"
    of_the_parent.mkdir()

    assert make_folder(str(tmp_path), held=str(of_the_parent)) != str(of_the_parent)
    assert of_the_parent.is_dir()


def test_a_start_removes_what_killed_processes_left(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    # A container that is started again has the same numbers again.
    for left in (f"chatbot-metrics-a-{ended.pid}", f"chatbot-metrics-b-{os.getpid()}", "chatbot-metrics-nonsense"):
        (tmp_path / left).mkdir()
    (tmp_path / "of-somebody-else").mkdir()

    folder = make_folder(str(tmp_path), held=None)

    assert {path.name for path in tmp_path.iterdir()} == {Path(folder).name, "of-somebody-else"}


def test_a_worker_that_ended_leaves_its_counts_and_not_its_gauges(tmp_path: Path) -> None:
    for name in ("gauge_livesum_7.db", "gauge_livesum_77.db", "counter_7.db", "histogram_7.db"):
        (tmp_path / name).touch()

    forget_worker(str(tmp_path), 7)

    assert {path.name for path in tmp_path.iterdir()} == {"gauge_livesum_77.db", "counter_7.db", "histogram_7.db"}
