"""Servers that are started and what is asked of new ones; a whole start is in `test_bench.py`."""

import sys
from pathlib import Path

import pytest

from benchmarks.children import Failed
from benchmarks.crowd import chats
from benchmarks.web_server import WebServer


class Talking(WebServer):
    """Says something, and waits until it is ended."""

    def __init__(self, folder: Path) -> None:
        program = "import time; print('began', flush=True); time.sleep(60)"
        self.log = folder / "log"
        self._start([sys.executable, "-c", program], upstream_port=9, log=self.log, variables={})
        while not self.log.read_text():
            assert not self.has_ended


def test_what_failed_is_told_with_the_end_of_the_servers_log(tmp_path: Path) -> None:
    with pytest.raises(Failed) as error, Talking(tmp_path) as server:
        raise Failed("status 503: no")

    assert str(error.value) == f"status 503: no\nThe log of {tmp_path.name} ends:\nbegan"
    assert server.has_ended


def test_whatever_else_ends_a_run_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Talking(tmp_path) as server:
        raise KeyboardInterrupt

    assert server.has_ended


def test_a_crowd_that_is_not_answered_says_why(upstream_port: int) -> None:
    with pytest.raises(Failed, match="nobody: WrongAnswer: status 404"):
        chats(upstream_port, "nobody", callers=2, number=4)
