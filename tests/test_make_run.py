"""`make run` as a newcomer meets it: a copy of the tree, a real start, a chat, Ctrl-C, and the history again.

The environments are those that the tests run in; installing them is `tests/test_make.py`'s subject.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from local_aws.ports import free_port, listen

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
READY_SECONDS = 60.0
NOT_THE_TREE = shutil.ignore_patterns(
    *(".git", ".venv", ".local", ".artefacts"), *("__pycache__", ".*_cache", ".hypothesis")
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT, tmp_path / "tree", ignore=NOT_THE_TREE))


class Run:
    """One `make run` in its own process group, as a terminal makes it. The output is read up to the greeting."""

    def __init__(self, tree: Path, port: int, **variables: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "DJANGO_"))}
        foreign = {
            "AWS_PROFILE": "not-there",
            "AWS_REGION": "eu-north-1",
            "DATABASE_URL": "postgres://127.0.0.1:9/other",
        }
        self.url = f"http://127.0.0.1:{port}"
        self.make = subprocess.Popen(
            ["make", "run", f"PORT={port}", f"VENV={sys.prefix}"],
            cwd=tree,
            env={**kept, **foreign, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.make.poll() is None:
            os.killpg(self.make.pid, signal.SIGTERM)
        self.rest()

    def wait_until_ready(self) -> list[int]:
        """Wait for the greeting. Returns the process ids of everything that runs."""
        assert self.make.stdout
        for line in self.make.stdout:
            self.output.append(line.rstrip("\n"))
            if "Ctrl-C stops everything" in line:
                return descendants(self.make.pid)
        raise AssertionError("\n".join(self.output))

    def rest(self) -> str:
        """What is printed up to the end."""
        printed, _ = self.make.communicate(timeout=READY_SECONDS)
        return printed

    def stop(self) -> str:
        os.killpg(self.make.pid, signal.SIGINT)
        return self.rest()

    def printed(self, start: str) -> str | None:
        return next((line for line in self.output if line.lstrip().startswith(start)), None)

    def curl_line(self) -> tuple[str, dict[str, str], str]:
        """URL, headers and body of the printed curl line."""
        line = self.printed("curl")
        assert line
        _curl, _silent, url, _header, authorization, _header, kind, _data, data = shlex.split(line)
        return url, dict(header.split(": ") for header in (authorization, kind)), data

    def paste_curl_line(self) -> dict[str, Any]:
        """Do what the printed curl line says."""
        url, headers, data = self.curl_line()
        response = httpx.post(url, headers=headers, content=data, trust_env=False, timeout=30)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def history(self) -> dict[str, Any]:
        body: dict[str, Any] = httpx.get(
            f"{self.url}/history/abc123", headers=self.curl_line()[1], trust_env=False
        ).json()
        return body


def parents() -> Iterator[tuple[int, int]]:
    """(process, its parent) for all that live."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            yield int(status.parent.name), int(parent)


def descendants(pid: int) -> list[int]:
    found, family = [pid], list(parents())
    for ancestor in found:
        found.extend(process for process, parent in family if parent == ancestor)
    return found


def all_gone(pids: list[int]) -> bool:
    return wait_for(lambda: not {process for process, _parent in parents()} & set(pids))


def wait_for(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happened()


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def the_one(pids: list[int], words: str) -> int:
    (pid,) = (pid for pid in pids if words in command_of(pid) and "make" not in command_of(pid).split()[0])
    return pid


def test_chats_stops_on_ctrl_c_and_shows_the_same_history_again(tree: Path) -> None:
    port = free_port()
    with Run(tree, port) as first:
        running = first.wait_until_ready()
        said = first.paste_curl_line()
        history = first.history()
        printed = first.stop()

        assert "nobody has thought about this" in said["response"]
        assert [message["content"] for message in history["messages"]] == ["Hello", said["response"]]
        assert first.printed("Staff account: user admin, password ")
        assert first.curl_line()[1]["Authorization"].startswith("Bearer cb_")
        assert f"Stopped; the data is in {tree}/.local." in printed
        assert "Traceback" not in "\n".join(first.output) + printed
        assert all_gone(running)

    with Run(tree, port) as second:
        running = second.wait_until_ready()
        assert second.history() == history
        assert second.curl_line() == first.curl_line()
        assert second.printed("Staff account") is None
        second.stop()
        assert all_gone(running)


def test_a_second_run_in_the_same_tree_and_a_taken_port_are_one_sentence_each(tree: Path) -> None:
    with Run(tree, free_port()) as first:
        first.wait_until_ready()
        with Run(tree, free_port()) as second:
            refused = second.rest()
            assert second.make.returncode != 0
        assert f"Local mode is running already on {tree}/.local: stop that one first." in refused
        assert "Traceback" not in refused

    with listen(0) as holder:
        port = holder.getsockname()[1]
        with Run(tree, port) as third:
            refused = third.rest()
            assert third.make.returncode != 0
    assert f"Port {port} is taken: choose another, as in `make run PORT=8001`." in refused
    assert "Starting" not in refused


def test_nothing_is_lost_or_left_when_the_supervisor_is_killed(tree: Path) -> None:
    port = free_port()
    with Run(tree, port) as first:
        running = first.wait_until_ready()
        first.paste_curl_line()
        history = first.history()
        os.kill(the_one(running, "runlocal"), signal.SIGKILL)
        first.rest()
        assert first.make.returncode != 0
        assert all_gone(running)

    with Run(tree, port) as second:
        running = second.wait_until_ready()
        assert second.history() == history
        os.kill(the_one(running, "ministack"), signal.SIGKILL)
        assert f"MiniStack was ended by SIGKILL; its log is {tree}/.local/logs/ministack.log." in second.rest()
        assert second.make.returncode != 0
        assert all_gone(running)
